import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { itemKey, sessionItemKey } from '../../functions/repositories/dynamodb/item.ts';
import { createDynamoDbRepository } from '../../functions/repositories/dynamodb/repository.ts';
import { asideName } from '../../functions/repositories/record.ts';
import { attributeBytesMax, withRevocation } from '../../functions/session/changes.ts';
import { withActivity } from '../../functions/session/lifetime.ts';
import type { SessionId } from '../../functions/session/session.ts';
import { systemClock } from '../../functions/system/clock.ts';
import { startDynamoDb } from '../support/engines/dynamodb.ts';
import { exampleSession, exampleStamp, exampleStartMs } from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';
import { largeAttributes } from '../support/large-attributes.ts';
import { outagesOf } from '../support/outages.ts';
import { createSettableClock } from '../support/settable-clock.ts';
import { limitedRepositoryContract } from './limited-repository-contract.ts';
import { type RemoteRepositoryBed, remoteRepositoryContract } from './remote-repository-contract.ts';
import { repositoryContract } from './repository-contract.ts';

repositoryContract('DynamoDB', createBed);
remoteRepositoryContract('DynamoDB', createBed);
for (const bytes of [600_000, attributeBytesMax])
	limitedRepositoryContract(`DynamoDB (${bytes} bytes)`, largeAttributes(bytes, exampleStamp(1)), createBed);

async function createBed(): Promise<RemoteRepositoryBed> {
	const service = await startDynamoDb();
	const { sessionTable } = service;
	const raw = service.client();
	const create = (client: DynamoDBClient, table: string) => createDynamoDbRepository(client, table, systemClock);
	const recordAt = async (Key: ReturnType<typeof itemKey>) => {
		const { Item } = await raw.send(new GetItemCommand({ TableName: sessionTable, Key, ConsistentRead: true }));
		return Item?.['record']?.S ?? Item?.['record']?.B ?? 'nothing';
	};
	return {
		open: () => create(service.client(), sessionTable),
		storeRaw: async (id, record) => {
			const Item = {
				...sessionItemKey(id),
				record: typeof record === 'string' ? { S: record } : { B: record },
				revision: { N: '1' },
			};
			await raw.send(new PutItemCommand({ TableName: sessionTable, Item }));
		},
		readRaw: (id) => recordAt(sessionItemKey(id)),
		readQuarantined: (id, record) => recordAt(itemKey('~quarantine', asideName(id, record))),
		writes: () => service.calls('dynamodb', 'PutItem'),
		outages: outagesOf(service, 'dynamodb', sessionTable, create),
		close: service.close,
	};
}

describe('an item of the session table', () => {
	const daySeconds = 86_400;
	const startSeconds = exampleStartMs / 1_000;

	test('may be collected 21 days after its last write, or a day after the age limit of its session', async () => {
		const { clock, repository, itemOf } = await open();
		const lived = exampleSession({
			id: freshSessionId(),
			absoluteExpiresAtMs: exampleStartMs + 30 * daySeconds * 1_000,
		});
		await repository.merge(lived.id, () => lived);
		expect(Number((await itemOf(lived.id))?.['ttl']?.N)).toBe(startSeconds + 21 * daySeconds);
		clock.advance(5 * daySeconds * 1_000);
		await repository.merge(lived.id, () => withActivity(lived, exampleStartMs + 1));
		expect(Number((await itemOf(lived.id))?.['ttl']?.N)).toBe(startSeconds + 26 * daySeconds);
		clock.advance(5 * daySeconds * 1_000);
		await repository.merge(lived.id, () => withActivity(lived, exampleStartMs + 2));
		expect(Number((await itemOf(lived.id))?.['ttl']?.N)).toBe(startSeconds + 31 * daySeconds);
	});

	test('stays, as a tombstone, until a day after the age limit of its session', async () => {
		const { repository, itemOf } = await open();
		const lived = exampleSession({
			id: freshSessionId(),
			absoluteExpiresAtMs: exampleStartMs + 90 * daySeconds * 1_000,
		});
		await repository.merge(lived.id, () => withRevocation(lived, { atMs: exampleStartMs, reason: 'logout' }));
		expect(Number((await itemOf(lived.id))?.['ttl']?.N)).toBe(startSeconds + 91 * daySeconds);
	});

	test('is readable text if its record is short, and binary if the record is compressed', async () => {
		const { repository, itemOf } = await open();
		const [short, long] = [exampleSession({ id: freshSessionId() }), exampleSession({ id: freshSessionId() })];
		const attributes = { note: { stamp: exampleStamp(1), value: 'dark blue '.repeat(400) } };
		await repository.merge(short.id, () => short);
		await repository.merge(long.id, () => ({ ...long, attributes }));
		expect((await itemOf(short.id))?.['record']).toEqual({ S: JSON.stringify(short) });
		expect((await itemOf(long.id))?.['record']?.B?.length).toBeLessThan(600);
	});

	async function open() {
		const service = await startDynamoDb();
		onTestFinished(service.close);
		const { sessionTable } = service;
		const clock = createSettableClock();
		const client = service.client();
		return {
			clock,
			repository: createDynamoDbRepository(client, sessionTable, clock),
			itemOf: async (id: SessionId) =>
				(await client.send(new GetItemCommand({ TableName: sessionTable, Key: sessionItemKey(id) }))).Item,
		};
	}
});
