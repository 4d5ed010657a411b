import { createClient, type RedisClient } from 'redis';
import { redisVariable } from './peer-table.ts';

/** A client that connects once, while the function starts. */
export async function connectRedis(): Promise<RedisClient> {
	const client = createClient({ url: process.env[redisVariable], commandsQueueMaxLength: 10_000 });
	// Without a listener, a lost connection would end the process. The client connects again.
	client.on('error', () => undefined);
	await client.connect();
	return client;
}
