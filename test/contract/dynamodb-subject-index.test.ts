import { hash } from 'node:crypto';
import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemKey } from '../../functions/repositories/dynamodb/item.ts';
import { createDynamoDbSubjectIndex } from '../../functions/repositories/dynamodb/subject-index.ts';
import { startDynamoDb, type TestedDynamoDb } from '../support/engines/dynamodb.ts';
import { exampleStartMs } from '../support/example-session.ts';
import { outagesOf } from '../support/outages.ts';
import { add, freshEntry, freshSubject, subjectIndexContract } from './subject-index-contract.ts';

subjectIndexContract('DynamoDB', async () => {
	const service = await startDynamoDb();
	return { open: () => createDynamoDbSubjectIndex(service.client(), service.sessionTable), close: service.close };
});

let service: TestedDynamoDb;
beforeAll(async () => {
	service = await startDynamoDb();
});
afterAll(() => service.close());

test('the DynamoDB subject index is unavailable in every kind of outage, never empty, and answers again afterwards', async () => {
	const subject = freshSubject();
	const entry = freshEntry();
	const index = createDynamoDbSubjectIndex(service.client(), service.sessionTable);
	await index.change(subject, add(entry));
	const outages = outagesOf(service, 'dynamodb', service.sessionTable, createDynamoDbSubjectIndex);
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
		expect(results, outage).toMatchObject(Array.from(results, () => failed));
	}
	expect(await index.read(subject)).toEqual({ kind: 'read', entries: [entry] });
});

test('the DynamoDB subject index reports unreadable entries as corrupt, never as empty, and does not overwrite them', async () => {
	const client = service.client();
	const index = createDynamoDbSubjectIndex(client, service.sessionTable);
	for (const text of ['', '{', '[]', '{"schema":2,"entries":[]}', '{"schema":1,"entries":[{"id":"x"}]}']) {
		const subject = freshSubject();
		const Item = { ...keyOf(subject), entries: { S: text }, revision: { N: '7' } };
		await client.send(new PutItemCommand({ TableName: service.sessionTable, Item }));
		const corrupt = { kind: 'failed', reason: 'corrupt' };
		expect(await index.read(subject)).toMatchObject(corrupt);
		expect(await index.change(subject, add(freshEntry()))).toMatchObject(corrupt);
		expect(await itemOf(subject)).toEqual(Item);
	}
});

test('a write of the DynamoDB subject index keeps what a later version has stored in the item', async () => {
	const client = service.client();
	const index = createDynamoDbSubjectIndex(client, service.sessionTable);
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
	const index = createDynamoDbSubjectIndex(service.client(), service.sessionTable);
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

function keyOf(subject: string) {
	return itemKey(`~subject-${hash('sha256', subject, 'base64url')}`, 'sessions');
}

async function itemOf(subject: string): Promise<Record<string, AttributeValue> | undefined> {
	const { Item } = await service
		.client()
		.send(new GetItemCommand({ TableName: service.sessionTable, Key: keyOf(subject), ConsistentRead: true }));
	return Item;
}
