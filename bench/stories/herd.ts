import { quantile } from '../../drills/measures/quantile.ts';
import { allowedStatus, type Contender } from '../contenders/contender.ts';
import type { Measured } from '../statistics/rounds.ts';

export const herdSize = 500;

/** Sends 500 requests at once for a session that only one instance knows. */
export async function herd(contender: Contender): Promise<Measured> {
	const [owner] = await contender.instances();
	const session = await contender.login(`herd-${performance.now()}`, owner);
	const before = await contender.calls();
	const begunMs = performance.now();
	const answers = await Promise.all(Array.from({ length: herdSize }, () => contender.decide(session)));
	const tookMs = performance.now() - begunMs;
	const after = await contender.calls();
	const calls = Object.entries(after).reduce((sum, [name, count]) => sum + count - (before[name] ?? 0), 0);
	return {
		'until the last answer': tookMs,
		p50: quantile(
			answers.map(({ elapsedMs }) => elapsedMs),
			0.5,
		),
		'remote calls': calls,
		failed: (100 * answers.filter(({ status }) => status !== allowedStatus).length) / herdSize,
	};
}
