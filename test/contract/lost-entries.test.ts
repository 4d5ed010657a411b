import { hash } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemKey, readItem } from '../../functions/repositories/dynamodb/item.ts';
import { createDynamoDbSubjectIndex } from '../../functions/repositories/dynamodb/subject-index.ts';
import { startDynamoDb, type TestedDynamoDb } from '../support/engines/dynamodb.ts';
import { createMemoryServices } from '../support/memory/memory-bus.ts';
import { createSettableClock } from '../support/settable-clock.ts';
import { create, endAll, listed, liveOf, sessionAt, subject } from '../support/subject-client.ts';

let service: TestedDynamoDb;
beforeAll(async () => {
	service = await startDynamoDb();
});
afterAll(() => service.close());

const key = itemKey(`~subject-${hash('sha256', subject, 'base64url')}`, 'sessions');
const quota = { max: 3, action: 'end-oldest' } as const;

/** A subject with two sessions, whose item of the index was damaged. */
async function damaged(entries: string) {
	const client = service.client();
	const subjects = createDynamoDbSubjectIndex(client, service.sessionTable, createSettableClock(), () => undefined);
	const services = createMemoryServices({ subjects });
	const bus = services.bus();
	const sessions = [0, 1].map((ms) => sessionAt(services.clock.now().wallMs + ms));
	for (const session of sessions) await create(bus, session, quota);
	const item = await readItem(client, service.sessionTable, key);
	const Item = { ...key, ...item, entries: { S: entries } };
	await client.send(new PutItemCommand({ TableName: service.sessionTable, Item }));
	const touch = (index: number) =>
		bus({ operation: 'touch', sessionId: sessions[index]?.id ?? '', seenAtMs: services.clock.now().wallMs } as never);
	return { services, bus, sessions, touch };
}

test('after its item was damaged, a subject logs in, and its list says that it is incomplete', async () => {
	const { bus, services, sessions, touch } = await damaged('{"schema":1,');
	expect(await bus({ operation: 'list', subject })).toMatchObject({ kind: 'listed', sessions: [], incomplete: true });
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
	expect(await bus({ operation: 'list', subject })).toMatchObject({ incomplete: true });
	services.clock.advance(3_600_000 + 1_000);
	expect(await bus({ operation: 'list', subject })).toEqual({ kind: 'listed', sessions: [], more: false });
});
