import { RedisStore } from 'connect-redis';
import { expressFunction } from './express-app.ts';
import { connectRedis } from './redis-client.ts';

export const handler = expressFunction(new RedisStore({ client: await connectRedis() }));
