/**
 * The shape of the control table, for whatever creates it: the stack, the local region, tests.
 *
 * | item | `pk` | `sk` |
 * |---|---|---|
 * | lease | `lease#<shard>` | instance id |
 * | feed entry | `feed#<bucket>` | time and entry id |
 *
 * Leases are spread over shards because every instance writes its own every few seconds; all leases can still be listed
 * with one strongly consistent query a shard. The leading keys let IAM tell leases from the feed.
 */
export const controlTableSchema = {
	partitionKey: 'pk',
	sortKey: 'sk',
	timeToLiveAttribute: 'ttl',
} as const;
