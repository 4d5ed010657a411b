import type { SessionId } from '../../session/session.ts';

/**
 * The shape of the DynamoDB repository's table, for whatever creates it: the stack, the local region, tests.
 * Its `ttl` collects garbage and dormant sessions; whether a session has expired is decided from its record.
 *
 * | `pk` | `sk` | |
 * |---|---|---|
 * | a session's id | `session` | its record |
 * | `~subject-…` | `sessions` | which sessions a subject has (`dynamodb-subject-index.ts`) |
 * | `~missed-by-NAME` | `note` | that another repository may lack changes |
 * | `~missed-by-NAME#SHARD` | a session's id | that it lacks one of this session |
 * | `~quarantine` | a session's id | a corrupt record that was moved aside |
 *
 * `~` is not in the alphabet of ids.
 */
export const sessionTableSchema = {
	partitionKey: 'pk',
	sortKey: 'sk',
	timeToLiveAttribute: 'ttl',
} as const;

/** What every session item has as its sort key. */
const sessionSortKey = 'session';

export function sessionItemKey(id: SessionId): { readonly pk: { S: string }; readonly sk: { S: string } } {
	return itemKey(id, sessionSortKey);
}

export function itemKey(pk: string, sk: string): { readonly pk: { S: string }; readonly sk: { S: string } } {
	return { pk: { S: pk }, sk: { S: sk } };
}
