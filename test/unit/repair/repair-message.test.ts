import { expect, test } from 'vitest';
import { decodeRepairTask, encodeRepairTask } from '../../../functions/repair/repair-message.ts';
import { exampleSessionId } from '../../support/example-session.ts';

const sessionId = exampleSessionId(1);
const message = { schema: 1, sessionId, missing: ['dynamodb'] };

test('a task comes back from its message as it was', () => {
	for (const missing of [['dynamodb'], ['s3', 'dynamodb']] as const)
		expect(decodeRepairTask(encodeRepairTask({ sessionId, missing }))).toEqual({ sessionId, missing });
});

test('a message looks as queues have held it since schema 1', () => {
	expect(JSON.parse(encodeRepairTask({ sessionId, missing: ['dynamodb'] }))).toEqual(message);
});

test.each([
	['text that is not JSON', '{', 'body'],
	['JSON that is no object', 'null', 'body'],
	['a schema of the future', JSON.stringify({ ...message, schema: 2 }), 'schema'],
	['no schema', JSON.stringify({ ...message, schema: undefined }), 'schema'],
	['an id that is none', JSON.stringify({ ...message, sessionId: `${sessionId}=` }), 'sessionId'],
	['a repository that does not exist', JSON.stringify({ ...message, missing: ['redis'] }), 'missing.0'],
	['nothing that is missing', JSON.stringify({ ...message, missing: [] }), 'missing'],
	['a field that is not known', JSON.stringify({ ...message, more: true }), 'more'],
])('%s is malformed, and it is said where', (_, body, where) => {
	expect(decodeRepairTask(body)).toEqual({ malformed: expect.stringMatching(new RegExp(`^${where}: expected `)) });
});

test('what is said of a malformed message repeats nothing that is in it', () => {
	expect(JSON.stringify(decodeRepairTask(JSON.stringify({ ...message, sessionId: 'secret' })))).not.toContain(
		'"secret',
	);
});
