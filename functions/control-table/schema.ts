/**
 * The keys of the control table. The stack, the local region and the tests create the table with
 * them.
 *
 * | item | `pk` | `sk` |
 * |---|---|---|
 * | lease | `lease#<shard>` | instance id |
 * | feed entry | `feed#<bucket>` | time and entry id |
 * | packed feed entries | `feed#<layout>#<shard>.<replica>#<bucket>` | number of their slot of time |
 * | layouts of the feed | `feed#layouts` | `layouts` |
 * | key of carried copies | `copykey#<id>` | `key` |
 * | marker | `missed#<session id>` | the repository that missed a change |
 * | copy of a tally | `tally#<repository>` | `tally` |
 *
 * Leases are spread over shards because every instance writes its lease every few seconds. One
 * strongly consistent query for each shard still lists all of them. IAM policies tell the items
 * apart by the prefix of `pk`.
 */
export const controlTableSchema = {
	partitionKey: 'pk',
	sortKey: 'sk',
	timeToLiveAttribute: 'ttl',
} as const;
