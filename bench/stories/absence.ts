import type { Contender } from '../contenders/contender.ts';
import { redisLatencyMs } from '../contenders/contender.ts';
import type { Measured } from '../statistics/rounds.ts';
import { failedShare, logInAt, setService, tell, timeline, tookQuantile } from './story.ts';

const perSecond = 25;

/** A store that everybody's sessions may be in. DynamoDB has the control table also. */
export type Store = 'DynamoDB' | 'Redis';

/** Takes a store down for the middle half of the time, while clients ask. */
export async function absence(contender: Contender, store: Store, seconds: number) {
	const sessions = await logInAt(contender, 30);
	const [downMs, upMs] = [seconds * 250, seconds * 750];
	const told = await tell(contender, sessions, { perSecond, seconds }, [
		{ atMs: downMs, act: () => set(contender, store, true) },
		{ atMs: upMs, act: () => set(contender, store, false) },
	]);
	const during = told.filter(({ request }) => request.atMs >= downMs && request.atMs < upMs);
	const measured: Measured = {
		failed: failedShare(during),
		p50: tookQuantile(during, 0.5),
		p99: tookQuantile(during, 0.99),
	};
	return { measured, ...timeline(told) };
}

async function set(contender: Contender, store: Store, down: boolean): Promise<void> {
	if (store === 'Redis') contender.setRedis({ delayMs: redisLatencyMs, down });
	else
		for (const service of ['control', 'dynamodb'])
			await setService(contender, service, { fault: down ? 'error' : 'none' });
}
