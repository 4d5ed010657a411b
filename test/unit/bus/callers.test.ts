import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { authorizerAlias } from '../../../functions/bus/deployment/callers.ts';
import type { Answer } from '../../../functions/protocol/answers.ts';
import { envelopeOf } from '../../../functions/protocol/envelope.ts';
import type { Message } from '../../../functions/protocol/messages.ts';
import { exampleInstanceId, exampleProof, exampleSession, exampleStamp } from '../../support/example-session.ts';

/* Lambda tells the bus by which name it was invoked, and IAM decides who may invoke it so. */

const session = exampleSession();
const about = { sessionId: session.id, ...exampleProof };
const end = { asker: about, revocation: { atMs: 1, reason: 'logout' }, changeId: 'out' } as const;
const messages: readonly Message[] = [
	{ operation: 'create', session, quota: { max: 1, action: 'deny' } },
	{ operation: 'read', ...about, demand: 'bounded' },
	{ operation: 'recover', ...about, demand: 'bounded', adopter: exampleInstanceId(7) },
	{ operation: 'update', ...about, changes: { theme: 'dark' }, stamp: exampleStamp(1) },
	{ operation: 'touch', ...about, seenAtMs: 1 },
	{ operation: 'revoke', sessionId: session.id, ...end, proofWanted: false },
	{ operation: 'list', asker: about },
	{ operation: 'revokeSubject', ...end },
	{ operation: 'health' },
];

const [dynamoDb, s3] = [mockClient(DynamoDBClient), mockClient(S3Client)];
// Files of unit tests share their modules.
afterAll(() => {
	for (const client of [dynamoDb, s3]) client.restore();
});
let invoke: (message: Message, invokedArn: string) => Promise<Answer>;

beforeAll(async () => {
	dynamoDb.rejects(new Error('down'));
	s3.rejects(new Error('down'));
	const variables = {
		AWS_REGION: 'eu-west-1',
		LEASEHOLD_METRICS: 'off',
		LEASEHOLD_CONTROL_TABLE: 'control',
		LEASEHOLD_SESSION_TABLE: 'sessions',
		LEASEHOLD_SESSION_BUCKET: 'sessions',
		LEASEHOLD_REPAIR_QUEUE_URL: 'https://queue',
	};
	for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
	vi.spyOn(console, 'error').mockReturnValue();
	vi.spyOn(console, 'log').mockReturnValue();
	const { handler } = await import('../../../functions/bus/handler.ts');
	invoke = async (message, invokedFunctionArn) => {
		const context = { awsRequestId: 'r', invokedFunctionArn } as Context;
		return (await handler(envelopeOf(message), context)).body;
	};
});

const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:bus';
const notAllowed = { kind: 'unavailable', reason: 'the caller may not ask for this' };

async function refusedBy(invokedArn: string): Promise<readonly string[]> {
	const refused: string[] = [];
	for (const message of messages) {
		dynamoDb.resetHistory();
		const answer = await invoke(message, invokedArn);
		const isRefused = answer.kind === 'unavailable' && answer.reason === notAllowed.reason;
		if (isRefused) expect(dynamoDb.calls()).toHaveLength(0);
		if (isRefused) refused.push(message.operation);
	}
	return refused;
}

describe('the bus', () => {
	test('does everything for session servers, which invoke it by its name', async () => {
		expect(await refusedBy(arn)).toEqual([]);
	});

	test('only reads, hands over and notes use for authorizers, which invoke it by an alias', async () => {
		const others = ['create', 'update', 'revoke', 'list', 'revokeSubject', 'health'];
		expect(await refusedBy(`${arn}:${authorizerAlias}`)).toEqual(others);
	});

	test('publishes a key as soon as it starts, and answers while that takes for ever', async () => {
		vi.resetModules();
		dynamoDb.resetHistory();
		dynamoDb.on(PutItemCommand).callsFake(() => new Promise(() => undefined));
		const { handler } = await import('../../../functions/bus/handler.ts');
		const published = dynamoDb.commandCalls(PutItemCommand).map(({ args: [{ input }] }) => input.Item?.['pk']?.S);
		expect(published).toEqual([expect.stringMatching(/^copykey#[\w-]{16}$/)]);
		const context = { awsRequestId: 'r', invokedFunctionArn: arn } as Context;
		for (const _ of ['first', 'second'])
			expect(await handler(envelopeOf({ operation: 'health' }), context)).toMatchObject({ body: { kind: 'health' } });
		expect(dynamoDb.commandCalls(PutItemCommand)).toHaveLength(1);
	});

	test.each(['another', '$LATEST', '1'])('does nothing for others, such as %s', async (qualifier) => {
		expect(await refusedBy(`${arn}:${qualifier}`)).toEqual(messages.map(({ operation }) => operation));
	});
});
