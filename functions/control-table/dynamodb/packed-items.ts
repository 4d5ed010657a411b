import { type AttributeValue, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { Unreachable } from '../../system/unreachable.ts';
import { layoutName, type PackedLayout } from '../feed-layout.ts';
import { allSettled, reach } from './call.ts';
import { bucketOf, type Item, readPartition, ttlOf } from './feed-partition.ts';
import type { FeedStore, FeedTable } from './feed-store.ts';
import { packEntry, shardOf, slotMs, slotOf, unpackEntry } from './packed-entry.ts';

/**
 * So many items come in a page: 25 seconds of one shard. A sync reads a fifth of that. A page takes
 * some 64 read units at the most entries that the feed takes.
 */
const pageItems = 250;

/** If a shard is throttled, so many take its entry, one after the other. */
const shardsTried = 2;

/**
 * A packed layout: the entries of a slot of time and a shard are a set in one item. Adding to a set
 * may be repeated, and each addition is atomic. Each shard of each replica has its own partitions,
 * because one takes 1,000 writes and 3,000 reads a second.
 *
 * @param replica the one that is read
 */
export function createPackedItems(table: FeedTable, layout: PackedLayout, replica: number): FeedStore {
	const { client, tableName, retentionMs } = table;
	const { shards, replicas } = layout;
	const name = layoutName(layout);

	function keyOf(shard: number, ofReplica: number): (bucket: number) => string {
		return (bucket) => `feed#${name}#${shard}.${ofReplica}#${bucket}`;
	}

	async function add(packed: Uint8Array, atMs: number, shard: number, toReplica: number): Promise<void> {
		await reach(
			client.send(
				new UpdateItemCommand({
					TableName: tableName,
					Key: { pk: { S: keyOf(shard, toReplica)(bucketOf(atMs)) }, sk: { S: slotKey(atMs) } },
					UpdateExpression: 'ADD e :entries SET #ttl = :ttl',
					ExpressionAttributeNames: { '#ttl': 'ttl' },
					ExpressionAttributeValues: {
						':entries': { BS: [packed] },
						':ttl': ttlOf((slotOf(atMs) + 1) * slotMs, retentionMs),
					},
				}),
			),
		);
	}

	async function readShard(fromMs: number, toMs: number, shard: number, take: Parameters<FeedStore['read']>[2]) {
		const firstMs = Math.floor(fromMs);
		const inRange = (item: Item) =>
			entriesOf(item).filter((entry) => entry === undefined || (entry.atMs >= firstMs && entry.atMs <= toMs));
		await readPartition(client, tableName, fromMs, toMs, {
			keyOf: keyOf(shard, replica),
			from: slotKey(fromMs),
			to: slotKey(toMs),
			itemsMax: pageItems,
			take: (items) => items.every((item) => inRange(item).every(take)),
		});
	}

	return {
		append: async (entry) => {
			const packed = packEntry(entry);
			const first = shardOf(packed, shards);
			for (let tried = 1; ; tried++) {
				const shard = (first + tried - 1) % shards;
				try {
					await allSettled(Array.from({ length: replicas }, (_, each) => add(packed, entry.atMs, shard, each)));
					return;
				} catch (error) {
					if (tried >= Math.min(shardsTried, shards) || !wasRefused(error)) throw error;
				}
			}
		},
		read: async (fromMs, toMs, take) => {
			await Promise.all(Array.from({ length: shards }, (_, shard) => readShard(fromMs, toMs, shard, take)));
		},
	};
}

/** The slot's number in full width, so that keys sort by time. */
function slotKey(atMs: number): string {
	return slotOf(atMs).toString().padStart(13, '0');
}

/** `undefined` stands for each entry that this version cannot read. */
function entriesOf(item: Item): readonly ReturnType<typeof unpackEntry>[] {
	const slot = Number(item['sk']?.S);
	const entries: AttributeValue | undefined = item['e'];
	if (entries?.BS === undefined || !Number.isFinite(slot)) return [undefined];
	return entries.BS.map((packed) => unpackEntry(packed, slot));
}

/**
 * Whether the table took neither this write nor, for now, others to that item: its partition has
 * had too many, or the item is full. Another shard may have room.
 */
function wasRefused(error: unknown): boolean {
	const cause = error instanceof Unreachable ? error.cause : undefined;
	return cause instanceof Error && refusals.has(cause.name);
}

const refusals: ReadonlySet<string> = new Set([
	'ProvisionedThroughputExceededException',
	'ThrottlingException',
	'RequestLimitExceeded',
	// An item takes 400 kB.
	'ValidationException',
]);
