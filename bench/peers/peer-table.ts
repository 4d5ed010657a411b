/** The table of the peers that keep sessions in DynamoDB. Its key is `id`. */
export const peerTable = 'peer-sessions';

/** The variable with the address of Redis. */
export const redisVariable = 'BENCH_REDIS_URL';
