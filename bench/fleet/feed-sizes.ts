import { createEntryItems } from '../../functions/control-table/dynamodb/entry-items.ts';
import type { Item } from '../../functions/control-table/dynamodb/feed-partition.ts';
import type { FeedTable } from '../../functions/control-table/dynamodb/feed-store.ts';
import { packedEntryBytes } from '../../functions/control-table/dynamodb/packed-entry.ts';
import { createPackedItems } from '../../functions/control-table/dynamodb/packed-items.ts';
import type { FeedEntry } from '../../functions/control-table/feed.ts';
import { sessionIdBytes, sessionIdOf } from '../../functions/session/ids.ts';

/** Bytes of the feed's items, as DynamoDB counts them. */
export interface FeedSizes {
	/** An entry that is an item. */
	readonly entryItem: number;
	/** An item of packed entries, without these. */
	readonly slotItem: number;
	readonly packedEntry: number;
}

/** Measured at what the adapters send to the table. */
export async function feedSizes(): Promise<FeedSizes> {
	const sent: { readonly Item?: Item; readonly Key?: Item; readonly ExpressionAttributeValues?: Item }[] = [];
	const client = { send: async ({ input }: { readonly input: (typeof sent)[number] }) => sent.push(input) };
	const table: FeedTable = {
		client: client as unknown as FeedTable['client'],
		tableName: 'control',
		retentionMs: 1_200_000,
	};
	const sessionId = sessionIdOf(new Uint8Array(sessionIdBytes));
	const id = `${'c'.repeat(22)}.${sessionId}.0`;
	const entry: FeedEntry = { id, atMs: 1_800_000_000_000, sessionId, kind: 'end', proofWanted: false };
	await createEntryItems(table).append(entry);
	await createPackedItems(table, { shards: 1, replicas: 1 }, 0).append(entry);
	const [put, update] = sent;
	const { ':ttl': ttl = { N: '0' } } = update?.ExpressionAttributeValues ?? {};
	return {
		entryItem: itemBytes(put?.Item ?? {}),
		slotItem: itemBytes({ ...update?.Key, ttl, e: { BS: [] } }),
		packedEntry: packedEntryBytes,
	};
}

/** The rules are those of "Item sizes and formats" in the developer guide. */
function itemBytes(item: Item): number {
	return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + valueBytes(value), 0);
}

function valueBytes({ S, N, BOOL, BS }: Item[string]): number {
	if (S !== undefined) return Buffer.byteLength(S);
	if (N !== undefined) return Math.ceil(N.length / 2) + 1;
	if (BOOL !== undefined) return 1;
	return (BS ?? []).reduce((sum, { length }) => sum + length, 0);
}
