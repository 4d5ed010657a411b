import { type Contender, latencies, redisLatencyMs } from '../contenders/contender.ts';
import type { Measured } from '../statistics/rounds.ts';
import { failedShare, logInAt, setService, tell, tookQuantile } from './story.ts';

/** Each dependency, and the contenders that wait for it. */
export const dependencies = {
	'control table': ['leasehold'],
	DynamoDB: ['leasehold', 'connect-dynamodb', 'get-item'],
	S3: ['leasehold'],
	Lambda: ['leasehold'],
	Redis: ['connect-redis', 'better-auth-cookie-cache'],
} as const;

export type Dependency = keyof typeof dependencies;

/** How many times as long as usual every call to an overloaded dependency takes. */
export const brownoutFactor = 10;

const services = { 'control table': 'control', DynamoDB: 'dynamodb', S3: 's3', Lambda: 'lambda' } as const;

/** Clients ask while one dependency is slow. */
export async function brownout(contender: Contender, dependency: Dependency, seconds: number): Promise<Measured> {
	const sessions = await logInAt(contender, 20);
	await set(contender, dependency, brownoutFactor);
	try {
		const told = await tell(contender, sessions, { perSecond: 15, seconds });
		return { failed: failedShare(told), p50: tookQuantile(told, 0.5), p99: tookQuantile(told, 0.99) };
	} finally {
		await set(contender, dependency, 1);
	}
}

async function set(contender: Contender, dependency: Dependency, factor: number): Promise<void> {
	if (dependency === 'Redis') contender.setRedis({ delayMs: factor * redisLatencyMs, down: false });
	else {
		const service = services[dependency];
		await setService(contender, service, { latencyMs: factor * latencies[service] });
	}
}
