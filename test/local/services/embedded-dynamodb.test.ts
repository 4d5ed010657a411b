import {
	DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	QueryCommand,
	UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedDynamoDB } from '../../../local/services/embedded-dynamodb.ts';
import { createServiceConditions, type Latencies } from '../../../local/services/faults.ts';
import { localAccount } from '../../../local/system/local-account.ts';

const aSession = { pk: { S: 'a' }, sk: { S: 'session' } };
const tables = { controlTable: 'control', sessionTable: 'sessions' };

async function embeddedDynamoDB(latencies: Latencies = {}) {
	const conditions = createServiceConditions(latencies);
	const service = await startEmbeddedDynamoDB(tables, conditions);
	const client = new DynamoDBClient({ endpoint: service.url, maxAttempts: 1, ...localAccount });
	onTestFinished(() => service.close());
	onTestFinished(() => client.destroy());
	const readLease = (abortSignal?: AbortSignal) =>
		client.send(
			new GetItemCommand({ TableName: 'control', Key: { pk: { S: 'lease' }, sk: { S: 'a' } }, ConsistentRead: true }),
			abortSignal ? { abortSignal } : {},
		);
	const readSession = () => client.send(new GetItemCommand({ TableName: 'sessions', Key: aSession }));
	return { client, conditions, readLease, readSession };
}

test.each(['control', 'sessions'])(
	'the table %s returns the items of a partition in the order of the sort key',
	async (TableName) => {
		const { client } = await embeddedDynamoDB();
		for (const [sk, what] of [
			['2', 'second'],
			['1', 'first'],
		] as const)
			await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, sk: { S: sk }, what: { S: what } } }));
		const { Items } = await client.send(
			new QueryCommand({
				TableName,
				KeyConditionExpression: 'pk = :pk',
				ExpressionAttributeValues: { ':pk': { S: 'a' } },
			}),
		);
		expect(Items?.map(({ what }) => what?.S)).toEqual(['first', 'second']);
	},
);

test('a write that fails its condition gets the existing item if it asks for it', async () => {
	const { client } = await embeddedDynamoDB();
	const put = (winner: string, more = {}) =>
		client.send(
			new PutItemCommand({
				TableName: 'sessions',
				Item: { ...aSession, winner: { S: winner } },
				ConditionExpression: 'attribute_not_exists(pk)',
				...more,
			}),
		);
	await put('first');
	await expect(put('second', { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })).rejects.toMatchObject({
		name: 'ConditionalCheckFailedException',
		Item: { ...aSession, winner: { S: 'first' } },
	});
	await expect(put('third')).rejects.toSatisfy((error: { Item?: unknown }) => error.Item === undefined);
});

test('of many writers that seal one lease, exactly one succeeds', async () => {
	const { client } = await embeddedDynamoDB();
	const seal = (by: number) =>
		client.send(
			new UpdateItemCommand({
				TableName: 'control',
				Key: { pk: { S: 'lease' }, sk: { S: 'a' } },
				UpdateExpression: 'SET sealedBy = :by',
				ConditionExpression: 'attribute_not_exists(sealedBy)',
				ExpressionAttributeValues: { ':by': { N: String(by) } },
			}),
		);
	const attempts = await Promise.allSettled(Array.from({ length: 40 }, (_, by) => seal(by)));
	expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('faults of the control table and of the repository are independent', async () => {
	const { conditions, readLease, readSession } = await embeddedDynamoDB();
	conditions.set('control', { fault: 'error' });
	await expect(readLease()).rejects.toMatchObject({ name: 'InternalServerError', $metadata: { httpStatusCode: 500 } });
	await expect(readSession()).resolves.toBeDefined();
	conditions.set('control', { fault: 'none' });
	conditions.set('dynamodb', { fault: 'throttle' });
	await expect(readLease()).resolves.toBeDefined();
	await expect(readSession()).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
});

test('a service that hangs never answers, and one that resets cuts the connection', async () => {
	const { conditions, readLease } = await embeddedDynamoDB();
	conditions.set('control', { fault: 'hang' });
	await expect(readLease(AbortSignal.timeout(200))).rejects.toMatchObject({ name: 'AbortError' });
	conditions.set('control', { fault: 'reset' });
	await expect(readLease()).rejects.toMatchObject({ code: 'ECONNRESET' });
	conditions.set('control', { fault: 'none' });
	await expect(readLease()).resolves.toBeDefined();
});

test('latency is added to one service only', async () => {
	const { readLease, readSession } = await embeddedDynamoDB({ control: 2_000 });
	const timed = async (call: () => Promise<unknown>) => {
		const before = performance.now();
		await call();
		return performance.now() - before;
	};
	expect(await timed(readLease)).toBeGreaterThan(1_900);
	expect(await timed(readSession)).toBeLessThan(1_900);
});

test('calls are counted by service and operation, without those that created the tables', async () => {
	const { conditions, readLease, readSession } = await embeddedDynamoDB();
	await readLease();
	await readLease();
	await readSession();
	const { control, dynamodb } = conditions.report();
	expect(control.calls).toEqual({ GetItem: 2 });
	expect(dynamodb.calls).toEqual({ GetItem: 1 });
});
