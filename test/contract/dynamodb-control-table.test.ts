import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDynamoDbCopyKeys } from '../../functions/control-table/dynamodb/copy-keys.ts';
import { createDynamoDbFeed } from '../../functions/control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../../functions/control-table/dynamodb/lease-table.ts';
import { createDynamoDbMarkers } from '../../functions/control-table/dynamodb/markers.ts';
import { createDynamoDbTallyCopies } from '../../functions/control-table/dynamodb/tally-copies.ts';
import { packedId } from '../../functions/control-table/entry-id.ts';
import type { Feed } from '../../functions/control-table/feed.ts';
import { type FeedLayout, layoutOf } from '../../functions/control-table/feed-layout.ts';
import type { LayoutsInUse } from '../../functions/control-table/layout-change.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { Unreachable } from '../../functions/system/unreachable.ts';
import { startDynamoDb, type TestedDynamoDb } from '../support/engines/dynamodb.ts';
import { exampleSessionId, exampleStartMs } from '../support/example-session.ts';
import { freshInstanceId, freshSessionId } from '../support/fresh-ids.ts';
import { outagesOf } from '../support/outages.ts';
import { createSettableClock } from '../support/settable-clock.ts';
import { copyKeysContract, freshKey } from './control-table/copy-keys-contract.ts';
import { type FeedBed, feedContract, pageEntries } from './control-table/feed-contract.ts';
import { leaseTableContract } from './control-table/lease-table-contract.ts';
import { markersContract, tallyCopiesContract } from './control-table/markers-contract.ts';

leaseTableContract('DynamoDB', async () => {
	const service = await startDynamoDb();
	return { open: () => createDynamoDbLeaseTable(service.client(), service.controlTable), close: service.close };
});

/** The layout in use. `entries` is that of a table without a change. */
const layouts = ['entries', '1x1', '3x2'] as const;

// A unit test has more entries than these, in each layout, because a table in memory is faster.
for (const layout of layouts)
	feedContract(`DynamoDB, in the layout ${layout}`, () => feedBed(layout), layout === 'entries' ? pageEntries : 100);

async function feedBed(layout: (typeof layouts)[number]): Promise<FeedBed> {
	const service = await startDynamoDb();
	const open = () => createFeed(service.client(), service.controlTable, layoutOf(layout));
	const bed = { open, fill: filledBy(open()), close: service.close };
	if (layout === 'entries') return bed;
	await useLayouts(service, { current: layout, former: [] });
	return { ...bed, idOf: packedId };
}

function filledBy(filler: Feed): FeedBed['fill'] {
	return async (entries) => {
		const queue = entries.values();
		const worker = async () => {
			// LocalStack resets a connection now and then, which is not what these tests are about.
			for (const entry of queue) await filler.append(entry).catch(() => filler.append(entry));
		};
		await Promise.all(Array.from({ length: 32 }, worker));
	};
}

copyKeysContract('DynamoDB', async () => {
	const service = await startDynamoDb();
	const clock = createSettableClock();
	const open = () => createDynamoDbCopyKeys(service.client(), service.controlTable, clock);
	return { clock, open, close: service.close };
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
	const entry = {
		id: 'before',
		atMs: exampleStartMs,
		sessionId: exampleSessionId(1),
		kind: 'end',
		proofWanted: false,
	} as const;
	await feed.append(entry);
	for (const [outage, during] of Object.entries(outagesOf(service, 'control', service.controlTable, createFeed))) {
		const results = await during((broken) =>
			Promise.allSettled([broken.append({ ...entry, id: 'lost' }), broken.read(entry.atMs, entry.atMs)]),
		);
		for (const result of results) expect(result, outage).toEqual(unreachable);
	}
	expect(await feed.read(entry.atMs, entry.atMs)).toEqual([entry]);
});

test('the DynamoDB copy keys are unreachable in every kind of outage, and answer again afterwards', async () => {
	const open = (client: DynamoDBClient, table: string) => createDynamoDbCopyKeys(client, table, createSettableClock());
	const keys = open(service.client(), service.controlTable);
	const key = freshKey();
	await keys.publish(key);
	for (const [outage, during] of Object.entries(outagesOf(service, 'control', service.controlTable, open))) {
		const results = await during((broken) => Promise.allSettled([broken.publish(freshKey()), broken.find(key.id)]));
		for (const result of results) expect(result, outage).toEqual(unreachable);
	}
	expect((await keys.find(key.id))?.publicKey.equals(key.publicKey)).toBe(true);
});

/** Stores which layouts of the feed are in use, as a bus would. */
async function useLayouts(
	{ client, controlTable }: TestedDynamoDb,
	used: Omit<LayoutsInUse, 'version'>,
	version = 1,
): Promise<void> {
	const key = { pk: { S: 'feed#layouts' }, sk: { S: 'layouts' } };
	const Item = { ...key, version: { N: String(version) }, layouts: { S: JSON.stringify(used) } };
	await client().send(new PutItemCommand({ TableName: controlTable, Item }));
}
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
				broken.copies.raise('s3', { count: 1, atMs: exampleStartMs }),
			]),
		);
		for (const result of results) expect(result, outage).toEqual(unreachable);
	}
	expect((await markers.look(id)).get('s3')?.state).toBe('open');
	expect(await copies.read('s3')).toBeUndefined();
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

function createFeed(client: DynamoDBClient, table: string, wanted?: FeedLayout) {
	return createDynamoDbFeed(client, table, { timing: timingDefaults, clock: createSettableClock(), wanted });
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
		const entry = { id: 'later', atMs: exampleStartMs - 86_400_000, sessionId, proofWanted: false };
		// The release before did not say the kind. It may have been an end.
		expect(read).toEqual([{ ...entry, kind: 'end' }]);
	});

	test.each([
		['no session', {}],
		['something else than a session', { session: { S: 'issuer:alice' } }],
		['an unknown kind', { session: { S: exampleSessionId(7) }, kind: { S: 'rotation' } }],
		['no time', { session: { S: exampleSessionId(7) }, atMs: { S: 'soon' } }],
	])('makes a reader drop every copy if it names %s', async (_, more: Record<string, AttributeValue>) => {
		expect(await readWith(more, exampleStartMs - 2 * 86_400_000)).toBe('overflow');
	});
});

test('a key of another kind, which a later version has published, is no key', async () => {
	const { id, expiresAtMs } = freshKey();
	const later = { pk: { S: `copykey#${id}` }, sk: { S: 'key' }, mlDsa: { S: 'A'.repeat(43) } };
	const Item = { ...later, expiresAtMs: { N: String(expiresAtMs) } };
	await service.client().send(new PutItemCommand({ TableName: service.controlTable, Item }));
	const keys = createDynamoDbCopyKeys(service.client(), service.controlTable, createSettableClock());
	expect(await keys.find(id)).toBeUndefined();
});
