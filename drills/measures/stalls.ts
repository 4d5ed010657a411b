import { controlTableTryMs } from '../../functions/system/time-budget.ts';
import type { ClientAnswer } from '../load/clients.ts';

/** Periods in which this process did not run. */
export interface Stalls {
	/** Whether a request was in progress during one of them. */
	met({ sentAtMs, elapsedMs }: Pick<ClientAnswer, 'sentAtMs' | 'elapsedMs'>): boolean;
	/** Total length of all of them. */
	totalMs(): number;
	stop(): void;
}

const lookEveryMs = 50;

/**
 * Watches for stalls of this process, in which the region's services run. If it stalls for longer
 * than a session server waits for the control table, all services are down at once. No drill has
 * asked for such an outage, so requests that fail in it are not counted.
 */
export function watchStalls(longerThanMs = controlTableTryMs): Stalls {
	const stalls: { readonly fromMs: number; readonly untilMs: number }[] = [];
	let lookedMs = performance.now();
	function look(): void {
		const nowMs = performance.now();
		if (nowMs - lookedMs > longerThanMs) stalls.push({ fromMs: lookedMs, untilMs: nowMs });
		lookedMs = nowMs;
	}
	const timer = setInterval(look, lookEveryMs);
	return {
		met: ({ sentAtMs, elapsedMs }) => {
			look(); // The answer may arrive before the timer fires.
			return stalls.some(({ fromMs, untilMs }) => sentAtMs <= untilMs && sentAtMs + elapsedMs >= fromMs);
		},
		totalMs: () => stalls.reduce((total, { fromMs, untilMs }) => total + untilMs - fromMs, 0),
		stop: () => clearInterval(timer),
	};
}
