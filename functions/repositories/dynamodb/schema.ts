/**
 * The keys of the session table. The stack, the local region and the tests create the table with
 * them. `ttl` only removes garbage and dormant sessions. Whether a session has expired is decided
 * from its record.
 *
 * | `pk` | `sk` | item |
 * |---|---|---|
 * | a session's id | `session` | the session's record |
 * | `~subject-…` | `sessions` | a subject's entries in the index (`subject-index.ts`) |
 * | `~tally-dynamodb` | `tally` | the tally that shows whether the table was set back |
 * | `~quarantine` | a session's id, `.` and a digest | a corrupt record that was moved aside |
 * | `~quarantine` | `~subject-…` | entries of the index that could not be read |
 *
 * `~` is not in the alphabet of ids, so these keys cannot meet.
 */
export const sessionTableSchema = {
	partitionKey: 'pk',
	sortKey: 'sk',
	timeToLiveAttribute: 'ttl',
} as const;
