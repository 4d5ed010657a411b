import { type Environment, VariableError } from '../system/environment.ts';

/**
 * How a feed is stored.
 *
 * - `entries`: each entry is an item. All releases read it.
 * - Otherwise each entry is packed, with others of the same moment, into an item of one of the
 *   `shards`. That item is in each of the `replicas`. An instance reads all shards of one replica.
 */
export type FeedLayout = 'entries' | PackedLayout;

export interface PackedLayout {
	/** 1 to `shardsMax`. Every read asks each of them. */
	readonly shards: number;
	/** 1 to `replicasMax`. Every append writes each of them. */
	readonly replicas: number;
}

/** Each shard is a query of every sync, and takes processor time. */
export const shardsMax = 32;
/** Each replica is a write of every change. */
export const replicasMax = 64;

/** `entries`, or the shards and the replicas, such as `8x13`. */
export function layoutName(layout: FeedLayout): string {
	return layout === 'entries' ? layout : `${layout.shards}x${layout.replicas}`;
}

/** `undefined`: this version does not know such a layout. */
export function layoutOf(name: string): FeedLayout | undefined {
	if (name === 'entries') return name;
	const [, shards, replicas] = /^([1-9]\d?)x([1-9]\d?)$/.exec(name) ?? [];
	const layout = { shards: Number(shards), replicas: Number(replicas) };
	return layout.shards <= shardsMax && layout.replicas <= replicasMax ? layout : undefined;
}

export interface FeedVariables {
	/**
	 * How the bus stores the feed: the number of shards and that of replicas, such as `8x13`. A
	 * change takes effect some minutes after the deployment.
	 *
	 * @default 'entries'
	 */
	LEASEHOLD_FEED_LAYOUT?: string;
}

/** @throws VariableError when the variable names no layout. */
export function parseFeedLayout(environment: Environment): FeedLayout {
	const layout = layoutOf(environment['LEASEHOLD_FEED_LAYOUT'] || 'entries');
	if (layout !== undefined) return layout;
	throw new VariableError(
		'LEASEHOLD_FEED_LAYOUT',
		`must be 1 to ${shardsMax} shards and 1 to ${replicasMax} replicas, such as "8x13"`,
	);
}
