import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDynamoDbFeed } from '../../functions/control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../../functions/control-table/dynamodb/lease-table.ts';
import { createDynamoDbMarkers } from '../../functions/control-table/dynamodb/markers.ts';
import { createDynamoDbTallyCopies } from '../../functions/control-table/dynamodb/tally-copies.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { Unreachable } from '../../functions/system/unreachable.ts';
import { startDynamoDb, type TestedDynamoDb } from '../support/engines/dynamodb.ts';
import { exampleSessionId, exampleStartMs } from '../support/example-session.ts';
import { freshInstanceId, freshSessionId } from '../support/fresh-ids.ts';
import { outagesOf } from '../support/outages.ts';
import { feedContract } from './feed-contract.ts';
import { leaseTableContract } from './lease-table-contract.ts';
import { markersContract, tallyCopiesContract } from './markers-contract.ts';

leaseTableContract('DynamoDB', async () => {
	const service = await startDynamoDb();
	return { open: () => createDynamoDbLeaseTable(service.client(), service.controlTable), close: service.close };
});

feedContract('DynamoDB', async () => {
	const service = await startDynamoDb();
	const filler = createFeed(service.client(), service.controlTable);
	return {
		open: () => createFeed(service.client(), service.controlTable),
		fill: async (entries) => {
			const queue = entries.values();
			const worker = async () => {
				for (const entry of queue) await filler.append(entry);
			};
			await Promise.all(Array.from({ length: 32 }, worker));
		},
		close: service.close,
	};
});

markersContract('DynamoDB', async () => {
	const service = await startDynamoDb();
	return { open: () => createDynamoDbMarkers(service.client(), service.controlTable), close: service.close };
});

tallyCopiesContract('DynamoDB', async () => {
	const service = await startDynamoDb();
	return { open: () => createDynamoDbTallyCopies(service.client(), service.controlTable), close: service.close };
});

let service: TestedDynamoDb;
beforeAll(async () => {
	service = await startDynamoDb();
});
afterAll(() => service.close());

test('the DynamoDB lease table is unreachable in every kind of outage, and answers again afterwards', async () => {
	const table = createDynamoDbLeaseTable(service.client(), service.controlTable);
	const instanceId = freshInstanceId();
	await table.acquire(instanceId, 1_000);
	for (const [outage, during] of Object.entries(
		outagesOf(service, 'control', service.controlTable, createDynamoDbLeaseTable),
	)) {
		const results = await during((broken) =>
			Promise.allSettled([
				broken.read(instanceId),
				broken.acquire(freshInstanceId(), 1_000),
				broken.renew(instanceId, 2_000, 1),
				broken.renew(freshInstanceId(), 2_000, 1),
				broken.seal(instanceId, 1_000),
				broken.seal(freshInstanceId(), 1_000),
				broken.listUnsealed(),
			]),
		);
		for (const result of results) expect(result, outage).toEqual(unreachable);
	}
	expect(await table.listUnsealed()).toEqual([{ instanceId, expiresAtMs: 1_000, sealed: false, syncedThroughMs: 0 }]);
});

test('the DynamoDB feed is unreachable in every kind of outage, and answers again afterwards', async () => {
	const feed = createFeed(service.client(), service.controlTable);
	const entry = { id: 'before', atMs: exampleStartMs, sessionId: exampleSessionId(1), proofWanted: false };
	await feed.append(entry);
	for (const [outage, during] of Object.entries(outagesOf(service, 'control', service.controlTable, createFeed))) {
		const results = await during((broken) =>
			Promise.allSettled([broken.append({ ...entry, id: 'lost' }), broken.read(entry.atMs, entry.atMs)]),
		);
		for (const result of results) expect(result, outage).toEqual(unreachable);
	}
	expect(await feed.read(entry.atMs, entry.atMs)).toEqual([entry]);
});

test('markers and copies of tallies are unreachable in every kind of outage, and answer again afterwards', async () => {
	const id = freshSessionId();
	const create = (client: DynamoDBClient, table: string) => ({
		markers: createDynamoDbMarkers(client, table),
		copies: createDynamoDbTallyCopies(client, table),
	});
	const { markers, copies } = create(service.client(), service.controlTable);
	const at = { openedAtMs: exampleStartMs, expiresAtMs: exampleStartMs };
	await markers.open(id, ['s3'], at);
	for (const [outage, during] of Object.entries(outagesOf(service, 'control', service.controlTable, create))) {
		const results = await during((broken) =>
			Promise.allSettled([
				broken.markers.open(id, ['s3'], at),
				broken.markers.look(id),
				broken.markers.settle(id, 's3', 1),
				broken.copies.read('s3'),
				broken.copies.raise('s3', 1),
			]),
		);
		for (const result of results) expect(result, outage).toEqual(unreachable);
	}
	expect((await markers.look(id)).get('s3')?.state).toBe('open');
	expect(await copies.read('s3')).toBe(0);
});

test('a marker stays for a day after its session has expired, and for good if nobody knows when', async () => {
	const client = service.client();
	const markers = createDynamoDbMarkers(client, service.controlTable);
	const [known, unknown] = [freshSessionId(), freshSessionId()];
	const ttlOf = async (id: string) => {
		const Key = { pk: { S: `missed#${id}` }, sk: { S: 's3' } };
		return (await client.send(new GetItemCommand({ TableName: service.controlTable, Key }))).Item?.['ttl']?.N;
	};
	await markers.open(known, ['s3'], { openedAtMs: exampleStartMs, expiresAtMs: exampleStartMs + 1 });
	await markers.open(unknown, ['s3'], { openedAtMs: exampleStartMs, expiresAtMs: undefined });
	expect(await ttlOf(known)).toBe(String(exampleStartMs / 1_000 + 1 + 86_400));
	expect(await ttlOf(unknown)).toBeUndefined();
	await markers.open(known, ['s3'], { openedAtMs: exampleStartMs, expiresAtMs: undefined });
	expect(await ttlOf(known)).toBe(String(exampleStartMs / 1_000 + 1 + 86_400));
});

test('a marker keeps what a later version has stored in it, and is open if its state is not known', async () => {
	const client = service.client();
	const markers = createDynamoDbMarkers(client, service.controlTable);
	const id = freshSessionId();
	const Key = { pk: { S: `missed#${id}` }, sk: { S: 's3' } };
	const Item = { ...Key, state: { S: 'half-open' }, version: { N: '4' }, cause: { S: 'c' } };
	await client.send(new PutItemCommand({ TableName: service.controlTable, Item }));
	expect((await markers.look(id)).get('s3')).toMatchObject({ state: 'open', version: 4 });
	expect(await markers.settle(id, 's3', 4)).toBe('settled');
	await markers.open(id, ['s3'], { openedAtMs: exampleStartMs, expiresAtMs: undefined });
	const after = await client.send(new GetItemCommand({ TableName: service.controlTable, Key }));
	expect(after.Item).toMatchObject({ cause: { S: 'c' }, state: { S: 'open' }, version: { N: '5' } });
});

const unreachable = { status: 'rejected', reason: expect.any(Unreachable) };

function createFeed(client: DynamoDBClient, table: string) {
	return createDynamoDbFeed(client, table, timingDefaults.feedRetentionMs);
}

test('a lease keeps what a later version has stored in it when it is renewed and sealed', async () => {
	const client = service.client();
	const leases = createDynamoDbLeaseTable(client, service.controlTable);
	const instanceId = freshInstanceId();
	await leases.acquire(instanceId, exampleStartMs);
	const Key = { pk: { S: `lease#${instanceId.charCodeAt(0) % 16}` }, sk: { S: instanceId } };
	const { Item } = await client.send(new GetItemCommand({ TableName: service.controlTable, Key }));
	const later = { ...Item, zone: { S: 'a' } };
	await client.send(new PutItemCommand({ TableName: service.controlTable, Item: later }));
	expect(await leases.renew(instanceId, exampleStartMs + 1, exampleStartMs)).toBe('renewed');
	expect(await leases.seal(instanceId, exampleStartMs + 1)).toBe('sealed');
	const after = await client.send(new GetItemCommand({ TableName: service.controlTable, Key }));
	expect(after.Item).toMatchObject({ zone: { S: 'a' }, sealed: { BOOL: true } });
});

describe('a feed entry of a later version', () => {
	async function readWith(more: Record<string, AttributeValue>, atMs: number) {
		const item = {
			pk: { S: `feed#${Math.floor(atMs / 60_000)}` },
			sk: { S: `${String(atMs).padStart(15, '0')}#later` },
		};
		const Item = { ...item, atMs: { N: String(atMs) }, ttl: { N: '1' }, ...more };
		await service.client().send(new PutItemCommand({ TableName: service.controlTable, Item }));
		return createFeed(service.client(), service.controlTable).read(atMs, atMs);
	}

	test('is read without what this version does not know', async () => {
		const sessionId = exampleSessionId(7);
		const read = await readWith({ session: { S: sessionId }, cause: { S: 'theft' } }, exampleStartMs - 86_400_000);
		expect(read).toEqual([{ id: 'later', atMs: exampleStartMs - 86_400_000, sessionId, proofWanted: false }]);
	});

	test.each([
		['no session', {}],
		['something else than a session', { session: { S: 'issuer:alice' } }],
	])('makes a reader drop every copy if it names %s', async (_, more: Record<string, AttributeValue>) => {
		expect(await readWith(more, exampleStartMs - 2 * 86_400_000)).toBe('overflow');
	});
});
