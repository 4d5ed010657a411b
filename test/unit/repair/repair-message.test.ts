import { expect, test } from 'vitest';
import { decodeRepairTask, encodeRepairTask } from '../../../functions/repair/repair-message.ts';
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

test('a task names the records that are forged', () => {
	const forged = [{ repository: 's3' as const, fingerprint: 'f'.repeat(43) }];
	const task = { sessionId, missing: ['s3' as const], forged };
	expect(decodeRepairTask(encodeRepairTask(task))).toEqual({ kind: 'task', task });
});

test('a message still has the form of schema 1', () => {
	expect(JSON.parse(encodeRepairTask({ sessionId, missing: ['dynamodb'] }))).toEqual(message);
});

test.each([
	['text that is not JSON', '{', 'body'],
	['JSON that is no object', 'null', 'body'],
	['a schema of the future', JSON.stringify({ ...message, schema: 2 }), 'schema'],
	['no schema', JSON.stringify({ ...message, schema: undefined }), 'schema'],
	['an invalid id', JSON.stringify({ ...message, sessionId: `${sessionId}=` }), 'sessionId'],
	['an unknown repository', JSON.stringify({ ...message, missing: ['redis'] }), 'missing.0'],
	['an empty list of repositories', JSON.stringify({ ...message, missing: [] }), 'missing'],
	['an unknown field', JSON.stringify({ ...message, more: true }), 'more'],
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
