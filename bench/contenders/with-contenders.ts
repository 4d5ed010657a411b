import { startRedis } from '../services/redis.ts';
import { type Contender, redisLatencyMs } from './contender.ts';
import type { ContenderName } from './programs.ts';
import { type StartOptions, startContender } from './start.ts';

export interface ContendersOptions extends Omit<StartOptions, 'redis'> {
	report(line: string): void;
}

/** Starts the contenders side by side, and stops them in every case. */
export async function withContenders<Result>(
	names: readonly ContenderName[],
	{ report, ...options }: ContendersOptions,
	use: (contenders: ReadonlyMap<ContenderName, Contender>) => Promise<Result>,
): Promise<Result> {
	const contenders = new Map<ContenderName, Contender>();
	const redis = await startRedis(redisLatencyMs);
	try {
		for (const name of names) {
			report(`starting ${name}`);
			contenders.set(name, await startContender(name, { ...options, redis }));
		}
		return await use(contenders);
	} finally {
		for (const contender of contenders.values()) await contender.stop();
		await redis.stop();
	}
}
