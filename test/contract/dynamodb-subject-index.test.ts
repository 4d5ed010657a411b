import { hash } from 'node:crypto';
import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemKey, readItem } from '../../functions/repositories/dynamodb/item.ts';
import { createDynamoDbSubjectIndex } from '../../functions/repositories/dynamodb/subject-index.ts';
import { startDynamoDb, type TestedDynamoDb } from '../support/engines/dynamodb.ts';
import { exampleStartMs } from '../support/example-session.ts';
import { createMemoryServices } from '../support/memory/memory-bus.ts';
import { outagesOf } from '../support/outages.ts';
import { createSettableClock } from '../support/settable-clock.ts';
import { create, endAll, listed, liveOf, subject as person, sessionAt } from '../support/subject-client.ts';
import { add, freshEntry, freshSubject, subjectIndexContract } from './subject-index-contract.ts';

const clock = createSettableClock();
const openIndex = (client: DynamoDBClient, table: string) =>
	createDynamoDbSubjectIndex(client, table, clock, () => undefined);

subjectIndexContract('DynamoDB', async () => {
	const service = await startDynamoDb();
	return { open: () => openIndex(service.client(), service.sessionTable), close: service.close };
});

let service: TestedDynamoDb;
beforeAll(async () => {
	service = await startDynamoDb();
});
afterAll(() => service.close());

test('the DynamoDB subject index is unavailable in every kind of outage, never empty, and answers again afterwards', async () => {
	const subject = freshSubject();
	const entry = freshEntry();
	const index = openIndex(service.client(), service.sessionTable);
	await index.change(subject, add(entry));
	const outages = outagesOf(service, 'dynamodb', service.sessionTable, openIndex);
	for (const [outage, during] of Object.entries(outages)) {
		const results = await during((broken) =>
			Promise.all([
				broken.read(subject),
				broken.read(freshSubject()),
				broken.change(subject, add(freshEntry())),
				broken.change(subject, () => ({ outcome: 'looked' })),
			]),
		);
		const failed = { kind: 'failed', reason: 'unavailable', cause: expect.any(Error) };
		expect(results, outage).toEqual(Array.from(results, () => failed));
	}
	expect(await index.read(subject)).toEqual({ kind: 'read', entries: [entry] });
});

async function store(subject: string, attributes: Record<string, AttributeValue>): Promise<void> {
	const Item = { ...keyOf(subject), ...attributes };
	await service.client().send(new PutItemCommand({ TableName: service.sessionTable, Item }));
}

test.each(['', '{', '[]', '{"schema":1,"entries":[{"id":"x"}]}', '{"schema":"2"}'])(
	'entries that cannot be read (%s) are set aside, and the list that takes their place says that it is incomplete',
	async (text) => {
		const subject = freshSubject();
		const lastMs = clock.now().wallMs + 7_200_000;
		const ttl = { N: String(lastMs / 1_000 + 86_400) };
		await store(subject, { entries: { S: text }, revision: { N: '7' }, ttl });
		const index = openIndex(service.client(), service.sessionTable);
		expect(await index.read(subject)).toEqual({ kind: 'read', entries: [], incompleteUntilMs: lastMs });
		expect(await itemAt(itemKey('~quarantine', keyOf(subject).pk.S))).toMatchObject({ entries: { S: text } });
		const entry = freshEntry();
		const added = await index.change(subject, add(entry));
		expect(added).toMatchObject({ kind: 'decided', incompleteUntilMs: lastMs });
		expect(await index.read(subject)).toEqual({ kind: 'read', entries: [entry], incompleteUntilMs: lastMs });
		expect(await itemOf(subject)).toMatchObject({ revision: { N: '9' } });
		expect(Number((await itemOf(subject))?.['ttl']?.N)).toBeGreaterThanOrEqual(Number(ttl.N));
	},
);

test('a change sets unreadable entries aside as a read does, also when several writers meet them', async () => {
	const subject = freshSubject();
	await store(subject, { entries: { S: '{' } });
	const entries = Array.from({ length: 4 }, freshEntry);
	const changes = entries.map((entry) => openIndex(service.client(), service.sessionTable).change(subject, add(entry)));
	for (const changed of await Promise.all(changes)) expect(changed).toMatchObject({ kind: 'decided' });
	const read = await openIndex(service.client(), service.sessionTable).read(subject);
	if (read.kind !== 'read') throw new Error('the entries cannot be read');
	expect(new Set(read.entries)).toEqual(new Set(entries));
	// Without a time to live, nobody knows how long a lost entry may be of use.
	expect(read.incompleteUntilMs).toBe(clock.now().wallMs + 366 * 86_400_000);
});

test('entries of a later schema are neither read nor set aside', async () => {
	const subject = freshSubject();
	const attributes = { entries: { S: '{"schema":2,"entries":[]}' }, revision: { N: '7' } };
	await store(subject, attributes);
	const index = openIndex(service.client(), service.sessionTable);
	const failed = { kind: 'failed', reason: 'unknown-schema' };
	expect(await index.read(subject)).toMatchObject(failed);
	expect(await index.change(subject, add(freshEntry()))).toMatchObject(failed);
	expect(await itemOf(subject)).toMatchObject(attributes);
});

test('a write of the DynamoDB subject index keeps what a later version has stored in the item', async () => {
	const client = service.client();
	const index = openIndex(client, service.sessionTable);
	const subject = freshSubject();
	const [one, other] = [{ ...freshEntry(), device: 'phone' }, freshEntry()];
	const used = { digest: 'd'.repeat(43), sessionId: one.id, expiresAtMs: exampleStartMs, kind: 'passkey' };
	const Item = {
		...keyOf(subject),
		entries: { S: JSON.stringify({ schema: 1, entries: [one], devices: { order: 1 } }) },
		used: { S: JSON.stringify([used]) },
		revision: { N: '7' },
		limits: { M: { max: { N: '3' } } },
	};
	await client.send(new PutItemCommand({ TableName: service.sessionTable, Item }));
	expect(await index.change(subject, add(other))).toMatchObject({ kind: 'decided' });
	expect(await index.read(subject)).toEqual({ kind: 'read', entries: [one, other] });
	const item = await itemOf(subject);
	expect(item).toMatchObject({ limits: Item.limits, used: Item.used, revision: { N: '8' } });
	expect(JSON.parse(item?.['entries']?.S ?? '')).toEqual({ schema: 1, entries: [one, other], devices: { order: 1 } });
});

test('the key of an item does not contain the subject, and the item may be collected a day after its last session has expired', async () => {
	const subject = freshSubject();
	const index = openIndex(service.client(), service.sessionTable);
	const entries = [freshEntry(), { ...freshEntry(), expiresAtMs: exampleStartMs + 9_000_000 }];
	await index.change(subject, () => ({ outcome: undefined, entries }));
	const ttl = { N: String((exampleStartMs + 9_000_000) / 1_000 + 86_400) };
	expect(await itemOf(subject)).toMatchObject({ ttl });
	expect(JSON.stringify(await itemOf(subject))).not.toContain(subject);
	await index.change(subject, () => ({ outcome: undefined, entries: [] }));
	// Not earlier: an item that begins again with its first revision could be mistaken for the one
	// before.
	expect(await itemOf(subject)).toMatchObject({ ttl, revision: { N: '2' } });
});

const quota = { max: 3, action: 'end-oldest' } as const;

/** A subject with two sessions, whose item of the index was damaged. */
async function damaged(entries: string) {
	const client = service.client();
	const subjects = openIndex(client, service.sessionTable);
	const services = createMemoryServices({ subjects });
	const bus = services.bus();
	const sessions = [0, 1].map((ms) => sessionAt(services.clock.now().wallMs + ms));
	for (const session of sessions) await create(bus, session, quota);
	const item = await readItem(client, service.sessionTable, keyOf(person));
	const Item = { ...keyOf(person), ...item, entries: { S: entries } };
	await client.send(new PutItemCommand({ TableName: service.sessionTable, Item }));
	const touch = (index: number) =>
		bus({ operation: 'touch', sessionId: sessions[index]?.id ?? '', seenAtMs: services.clock.now().wallMs } as never);
	return { services, bus, sessions, touch };
}

test('after its item was damaged, a subject logs in, and its list says that it is incomplete', async () => {
	const { bus, services, sessions, touch } = await damaged('{"schema":1,');
	expect(await bus({ operation: 'list', subject: person })).toMatchObject({
		kind: 'listed',
		sessions: [],
		incomplete: true,
	});
	expect(await create(bus, sessionAt(services.clock.now().wallMs), quota)).toMatchObject({
		kind: 'found',
		receipt: { degraded: false },
	});
	services.clock.advance(60_000);
	for (const index of [0, 1]) await touch(index);
	expect(await listed(bus)).toHaveLength(3);
	expect(await liveOf(bus, sessions)).toHaveLength(2);
	await endAll(bus, services.clock.now().wallMs);
});

test('an end of all never claims that sessions ended which nobody can list', async () => {
	const { bus, services, sessions, touch } = await damaged('oops');
	services.clock.advance(60_000);
	await touch(1);
	const nowMs = services.clock.now().wallMs;
	expect(await endAll(bus, nowMs)).toEqual({ kind: 'ended', ended: 1, degraded: false, incomplete: true, more: false });
	expect(await liveOf(bus, sessions)).toEqual([sessions[0]?.id]);
	services.clock.advance(60_000);
	await touch(0);
	expect(await endAll(bus, services.clock.now().wallMs)).toMatchObject({ ended: 1, incomplete: true });
	expect(await liveOf(bus, sessions)).toEqual([]);
});

test('when no lost entry can be of use any more, the list is complete again', async () => {
	const { bus, services } = await damaged('[]');
	expect(await bus({ operation: 'list', subject: person })).toMatchObject({ incomplete: true });
	services.clock.advance(3_600_000 + 1_000);
	expect(await bus({ operation: 'list', subject: person })).toEqual({ kind: 'listed', sessions: [], more: false });
});

function keyOf(subject: string) {
	return itemKey(`~subject-${hash('sha256', subject, 'base64url')}`, 'sessions');
}

const itemOf = (subject: string) => itemAt(keyOf(subject));

async function itemAt(Key: ReturnType<typeof itemKey>): Promise<Record<string, AttributeValue> | undefined> {
	const { Item } = await service
		.client()
		.send(new GetItemCommand({ TableName: service.sessionTable, Key, ConsistentRead: true }));
	return Item;
}
