import { controlTableTryMs } from '../../functions/system/aws/call-limits.ts';
import type { Answered } from '../load/clients.ts';

/** Times in which this process stood still. */
export interface Stalls {
	/** Whether the request was under way in one of them. */
	met({ sentAtMs, elapsedMs }: Pick<Answered, 'sentAtMs' | 'elapsedMs'>): boolean;
	/** How long all of them took together. */
	totalMs(): number;
	stop(): void;
}

const lookEveryMs = 50;

/**
 * The region's services run in this process. Where the machine does not let it run for longer than a session server waits for the
 * control table, all of them are away at once: an outage that no drill asked for, and no failure of what is tried in it.
 */
export function watchStalls(): Stalls {
	const stalls: { readonly fromMs: number; readonly untilMs: number }[] = [];
	let lookedMs = performance.now();
	function look(): void {
		const nowMs = performance.now();
		if (nowMs - lookedMs > controlTableTryMs) stalls.push({ fromMs: lookedMs, untilMs: nowMs });
		lookedMs = nowMs;
	}
	const timer = setInterval(look, lookEveryMs);
	return {
		met: ({ sentAtMs, elapsedMs }) => {
			look(); // The answer may be heard of before the timer is.
			return stalls.some(({ fromMs, untilMs }) => sentAtMs <= untilMs && sentAtMs + elapsedMs >= fromMs);
		},
		totalMs: () => stalls.reduce((total, { fromMs, untilMs }) => total + untilMs - fromMs, 0),
		stop: () => clearInterval(timer),
	};
}
