import { expect, test } from 'vitest';
import { decodeRepairTask, encodeRepairTask, encodeSweepTask } from '../../../functions/repair/repair-message.ts';
import { exampleSessionId } from '../../support/example-session.ts';

const sessionId = exampleSessionId(1);
const message = { schema: 1, sessionId, missing: ['dynamodb'] };

test('a task survives encoding and decoding', () => {
	for (const missing of [['dynamodb'], ['s3', 'dynamodb']] as const)
		expect(decodeRepairTask(encodeRepairTask({ sessionId, missing }))).toEqual({
			kind: 'task',
			task: { sessionId, missing },
		});
});

test('a sweep survives encoding and decoding, and has a schema that the previous version gives up', () => {
	for (const task of [{ missing: 's3' }, { missing: 'dynamodb', from: { revision: 'r', after: 'a' } }] as const)
		expect(decodeRepairTask(encodeSweepTask(task))).toEqual({ kind: 'sweep', task });
	expect(JSON.parse(encodeSweepTask({ missing: 's3' }))).toEqual({ schema: 2, sweep: { missing: 's3' } });
});

test('a task names the records that are forged', () => {
	const forged = [{ repository: 's3' as const, fingerprint: 'f'.repeat(43) }];
	const task = { sessionId, missing: ['s3' as const], forged };
	expect(decodeRepairTask(encodeRepairTask(task))).toEqual({ kind: 'task', task });
});

test('a message still has the form of schema 1', () => {
	expect(JSON.parse(encodeRepairTask({ sessionId, missing: ['dynamodb'] }))).toEqual(message);
});

test('fields that a later version added are left out', () => {
	expect(decodeRepairTask(JSON.stringify({ ...message, more: { since: 1 } }))).toEqual({
		kind: 'task',
		task: { sessionId, missing: ['dynamodb'] },
	});
});

test.each([
	['of a later schema', { schema: 3, session: 7 }],
	['about a repository that only a later version has', { ...message, missing: ['s3', 'aurora'] }],
])('a message %s waits for a later version', (_, later) => {
	expect(decodeRepairTask(JSON.stringify(later))).toEqual({ kind: 'later' });
});

test.each([
	['text that is not JSON', '{', 'body'],
	['JSON that is no object', 'null', 'body'],
	['no schema', JSON.stringify({ ...message, schema: undefined }), 'schema'],
	['an invalid id', JSON.stringify({ ...message, sessionId: `${sessionId}=` }), 'sessionId'],
	['a repository that is no name', JSON.stringify({ ...message, missing: ['S 3'] }), 'missing.0'],
	['a schema that is no number', JSON.stringify({ ...message, schema: '2' }), 'schema'],
	['a schema of the past', JSON.stringify({ ...message, schema: 0 }), 'schema'],
	['an empty list of repositories', JSON.stringify({ ...message, missing: [] }), 'missing'],
])('%s is malformed, and the problem names the place', (_, body, where) => {
	expect(decodeRepairTask(body)).toEqual({
		kind: 'malformed',
		problem: expect.stringMatching(new RegExp(`^${where}: expected `)),
	});
});

test('the problem of a malformed message quotes nothing from it', () => {
	expect(JSON.stringify(decodeRepairTask(JSON.stringify({ ...message, sessionId: 'secret' })))).not.toContain(
		'"secret',
	);
});
