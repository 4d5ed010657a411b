import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { freshRevision } from '../fresh-revision.ts';
import { callStore, writeOnCondition } from '../store-call.ts';
import type { Tally, TallyKeeper } from '../tally.ts';
import { tryOnce } from '../try-once.ts';
import { type Item, isConflict, itemKey, readItem, stillOf } from './item.ts';

const key = itemKey('~tally-dynamodb', 'tally');

/** The tally as an item of the session table. Reads are strongly consistent. */
export function createDynamoDbTally(client: DynamoDBClient, tableName: string): TallyKeeper {
	return {
		read: () =>
			callStore(async () => {
				const item = await readItem(client, tableName, key);
				return { kind: 'known', tally: item === undefined ? undefined : tallyOf(item) } as const;
			}),
		write: ({ count, atMs }, over) =>
			writeOnCondition(isConflict, async () => {
				const item = { count: { N: String(count) }, atMs: { N: String(atMs) }, revision: { S: freshRevision() } };
				const still = stillOf(over?.revision);
				await client.send(tryOnce(new PutItemCommand({ TableName: tableName, Item: { ...key, ...item }, ...still })));
				return { kind: 'written' } as const;
			}),
	};
}

/** A tally that cannot be read counts as the lowest. At worst that makes the repository doubted. */
function tallyOf(item: Item): Tally {
	const count = Number(item['count']?.N);
	const atMs = Number(item['atMs']?.N);
	const revision = item['revision']?.S ?? '';
	return Number.isSafeInteger(count) && Number.isFinite(atMs)
		? { count, atMs, revision }
		: { count: 0, atMs: 0, revision };
}
