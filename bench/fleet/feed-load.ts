import { prices } from '../../drills/costs/prices.ts';
import { slotMs } from '../../functions/control-table/dynamodb/packed-entry.ts';
import { type FeedLayout, replicasMax, shardsMax } from '../../functions/control-table/feed-layout.ts';
import { feedSizes } from './feed-sizes.ts';

/** A partition of DynamoDB: strong reads of 4 kB and writes of 1 kB, in a second. */
export const partition = { reads: 3_000, writes: 1_000 } as const;

/** How much of a partition a layout for a known load may use. */
export const usedMost = 0.7;

const sizes = await feedSizes();

/** The use that a fleet makes of the feed in a second. */
export interface FeedUse {
	readonly changes: number;
	readonly syncs: number;
	/** Seconds of the feed that one sync reads. */
	readonly syncSeconds: number;
}

/** The load of the table by that, in a second. */
export interface FeedLoad {
	/** Strong reads of 4 kB, for one sync. */
	readonly readsPerSync: number;
	/** The same of one partition. */
	readonly partitionReads: number;
	readonly partitionWrites: number;
	/** Of all partitions. */
	readonly reads: number;
	readonly writes: number;
}

export function feedLoad(layout: FeedLayout, { changes, syncs, syncSeconds }: FeedUse): FeedLoad {
	const { shards, replicas } = layout === 'entries' ? { shards: 1, replicas: 1 } : layout;
	const readsOfShard = readsOf(layout, changes, syncSeconds);
	const writesOfShard = layout === 'entries' ? changes : packedWrites(changes / shards);
	return {
		readsPerSync: shards * readsOfShard,
		partitionReads: (syncs * readsOfShard) / replicas,
		partitionWrites: writesOfShard,
		reads: syncs * shards * readsOfShard,
		writes: writesOfShard * shards * replicas,
	};
}

/** Strong reads of 4 kB for so many seconds of one shard. */
export function readsOf(layout: FeedLayout, changes: number, seconds: number): number {
	const bytes =
		layout === 'entries' ? changes * seconds * sizes.entryItem : packedBytes(changes / layout.shards, seconds);
	return Math.max(1, Math.ceil(bytes / 4_096));
}

/** A slot without a change has no item. A read has one slot more than its time has. */
function packedBytes(changes: number, seconds: number): number {
	const slots = (seconds * 1_000) / slotMs + 1;
	const ofSlot = (changes * slotMs) / 1_000;
	return slots * ((1 - Math.exp(-ofSlot)) * sizes.slotItem + ofSlot * sizes.packedEntry);
}

/** An update costs as many units as its item has kilobytes. Changes come at random. */
function packedWrites(changes: number): number {
	const ofSlot = (changes * slotMs) / 1_000;
	let units = 0;
	let [exactly, more] = [Math.exp(-ofSlot), 1];
	for (let count = 1; count < 10 * ofSlot + 50; count++) {
		more -= exactly;
		units += more * Math.ceil((sizes.slotItem + count * sizes.packedEntry) / 1_024);
		exactly *= ofSlot / count;
	}
	return (units * 1_000) / slotMs;
}

/** Dollars in a second. */
export function feedDollars({ reads, writes }: FeedLoad): number {
	return (reads * prices.dynamoDbReadsPerMillion + writes * prices.dynamoDbWritesPerMillion) / 1e6;
}

/**
 * A layout with fewer shards may cost so many times as much as the cheapest. Each shard is a query
 * of each sync, and that takes an instance about a millisecond.
 */
const priceOfFewerShards = 1.05;

/**
 * A layout at about the lowest price of those that leave every partition some room. One item for
 * each entry comes first, because it is the default. `undefined`: none has room.
 */
export function cheapestLayout(use: FeedUse): FeedLayout | undefined {
	const hasRoom = (layout: FeedLayout) => {
		const { partitionReads, partitionWrites } = feedLoad(layout, use);
		return partitionReads <= usedMost * partition.reads && partitionWrites <= usedMost * partition.writes;
	};
	if (hasRoom('entries')) return 'entries';
	const candidates = Array.from({ length: shardsMax }, (_, index) => index + 1).flatMap((shards) => {
		for (let replicas = 1; replicas <= replicasMax; replicas++)
			if (hasRoom({ shards, replicas })) return [{ shards, replicas }];
		return [];
	});
	const dollarsOf = (layout: FeedLayout) => feedDollars(feedLoad(layout, use));
	const lowest = Math.min(...candidates.map(dollarsOf));
	return candidates.find((layout) => dollarsOf(layout) <= priceOfFewerShards * lowest);
}
