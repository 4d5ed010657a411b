import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDynamoDbFeed } from '../../functions/control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../../functions/control-table/dynamodb/lease-table.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { Unreachable } from '../../functions/system/unreachable.ts';
import { startDynamoDb, type TestedDynamoDb } from '../support/engines/dynamodb.ts';
import { exampleSessionId, exampleStartMs } from '../support/example-session.ts';
import { freshInstanceId } from '../support/fresh-ids.ts';
import { outagesOf } from '../support/outages.ts';
import { feedContract } from './feed-contract.ts';
import { leaseTableContract } from './lease-table-contract.ts';

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

const unreachable = { status: 'rejected', reason: expect.any(Unreachable) };

function createFeed(client: DynamoDBClient, table: string) {
	return createDynamoDbFeed(client, table, timingDefaults.feedRetentionMs);
}
