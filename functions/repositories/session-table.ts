/**
 * The shape of the DynamoDB repository's table, for whatever creates it: the stack, the local region, tests.
 * One item a session. Its `ttl` collects garbage only; whether a session has expired is decided from its record.
 */
export const sessionTableSchema = {
	partitionKey: 'id',
	timeToLiveAttribute: 'ttl',
} as const;
