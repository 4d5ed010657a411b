import { hash } from 'node:crypto';
import {
	DeleteItemCommand,
	DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repairQueue, sessionBucket, tables } from '../../local/lambda/function-variables.ts';
import { localAccount, queueUrl } from '../../local/system/local-account.ts';
import { type RegionClient, startRegionClient } from './region-client.ts';

/*
 * An operator follows docs/operate/runbook.md, in a region.
 */

const { sessionTable } = tables;
let client: RegionClient;
let dynamoDb: DynamoDBClient;
let s3: S3Client;
let sqs: SQSClient;
beforeAll(async () => {
	client = await startRegionClient();
	const { endpoints } = client.region;
	dynamoDb = new DynamoDBClient({ endpoint: endpoints.dynamodb, ...localAccount });
	s3 = new S3Client({ endpoint: endpoints.s3, forcePathStyle: true, ...localAccount });
	sqs = new SQSClient({ endpoint: endpoints.sqs, ...localAccount });
});
afterAll(async () => {
	for (const each of [dynamoDb, s3, sqs]) each.destroy();
	await client.region.stop();
});

const itemKey = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
const handleOf = async (token: string) => String((await client.call('GET', '/v1/session', { token })).json['handle']);
const list = async (token: string) => (await client.call('GET', '/v1/sessions', { token })).json;
const restartServers = async () => {
	for (const name of ['session-server-1', 'session-server-2'])
		await client.control('POST', `/instances/${name}/kill`, {});
};
const authorized = async (token: string) =>
	(await client.call('GET', '/v1/authorize?service=profile', { token })).status;

describe('a session whose records are damaged in both repositories', () => {
	test('is counted, keeps its subject from nothing, and is gone when an operator deletes the records', async () => {
		const subject = 'poisoned';
		const [broken, token] = [await client.login({ subject }), await client.login({ subject })];
		const id = await handleOf(broken);
		const key = itemKey(id, 'session');
		const { Item } = await dynamoDb.send(new GetItemCommand({ TableName: sessionTable, Key: key }));
		await dynamoDb.send(new PutItemCommand({ TableName: sessionTable, Item: { ...Item, ...key, record: { S: '{' } } }));
		const object = { Bucket: sessionBucket, Key: `sessions/${id}.json` };
		await s3.send(new PutObjectCommand({ ...object, Body: '{' }));
		await restartServers();

		expect(await authorized(broken)).toBe(503);
		expect(await list(token)).toMatchObject({ unreadable: 1 });
		expect(await authorized(await client.login({ subject }))).toBe(204);

		await dynamoDb.send(new DeleteItemCommand({ TableName: sessionTable, Key: key }));
		await s3.send(new DeleteObjectCommand(object));
		const QueueUrl = queueUrl(client.region.endpoints.sqs, repairQueue.name);
		const MessageBody = JSON.stringify({ schema: 1, sessionId: id, missing: ['dynamodb'] });
		await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
		expect(await authorized(broken)).toBe(401);
		const listed = await list(token);
		expect(listed['sessions']).toHaveLength(2);
		expect(listed).not.toHaveProperty('unreadable');
	});
});

describe('a table that was set back to before a logout', () => {
	test('lets nobody in again, and is repaired by a sweep that nobody asked for', async () => {
		const subject = 'restored';
		const [ended, token] = [await client.login({ subject }), await client.login({ subject })];
		const id = await handleOf(ended);
		const key = itemKey(id, 'session');
		const before = await dynamoDb.send(new GetItemCommand({ TableName: sessionTable, Key: key, ConsistentRead: true }));
		expect((await client.call('DELETE', '/v1/session', { token: ended })).status).toBe(204);

		// Longer than a bus may rely on its last check of the tallies.
		await client.control('PUT', '/services/dynamodb', { fault: 'error' });
		await new Promise((resolve) => setTimeout(resolve, 11_500));
		await client.control('PUT', '/services/dynamodb', { fault: 'none' });
		await restartServers();
		await dynamoDb.send(new PutItemCommand({ TableName: sessionTable, Item: { ...before.Item, ...key } }));
		await dynamoDb.send(new DeleteItemCommand({ TableName: sessionTable, Key: itemKey('~tally-dynamodb', 'tally') }));

		expect(await authorized(ended)).toBe(401);
		expect(await list(token)).toMatchObject({ incomplete: true });
		expect(await authorized(token)).toBe(204);
		// The bus that found it queues the sweep beside its reads. It stands between requests, and
		// continues with the next ones.
		const isRevoked = async () => {
			await list(token);
			const { Item } = await dynamoDb.send(
				new GetItemCommand({ TableName: sessionTable, Key: key, ConsistentRead: true }),
			);
			return Item?.['record']?.S?.includes('"revocation"');
		};
		await expect.poll(isRevoked, { timeout: 25_000, interval: 200 }).toBe(true);
		await expect.poll(async () => 'incomplete' in (await list(token)), { timeout: 15_000, interval: 500 }).toBe(false);
	}, 70_000);
});

describe('an index item that cannot be read', () => {
	test('begins anew by itself, and the answers say that they are incomplete', async () => {
		const subject = 'unlisted';
		const tokens = [await client.login({ subject }), await client.login({ subject })];
		const [token = '', other = ''] = tokens;
		const { Items = [] } = await dynamoDb.send(
			new QueryCommand({
				TableName: sessionTable,
				KeyConditionExpression: 'pk = :key',
				ExpressionAttributeValues: { ':key': { S: `~subject-${hash('sha256', `local:${subject}`, 'base64url')}` } },
			}),
		);
		const [item] = Items;
		await dynamoDb.send(new PutItemCommand({ TableName: sessionTable, Item: { ...item, entries: { S: '{' } } }));
		expect(await list(token)).toMatchObject({ sessions: [{ current: true }], incomplete: true });
		const ended = await client.call('DELETE', '/v1/sessions', { token });
		expect(ended).toMatchObject({ status: 202, json: { ended: 0, complete: false, incomplete: true } });
		expect(await authorized(other)).toBe(204);
	});
});
