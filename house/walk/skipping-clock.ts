import { setImmediate } from 'node:timers/promises';
import { systemTimerClock, type TimerClock } from '../../functions/system/timers.ts';

export interface SkippingClock extends TimerClock {
	/** Sets both clocks forward. */
	skip(ms: number): void;
}

/**
 * The system's clock, except that a delay skips its time. So nothing waits for the end of a lease.
 */
export function createSkippingClock(): SkippingClock {
	let skippedMs = 0;
	const skip = (ms: number) => {
		skippedMs += ms;
	};
	return {
		...systemTimerClock,
		now: () => {
			const { wallMs, monotonicMs } = systemTimerClock.now();
			return { wallMs: wallMs + skippedMs, monotonicMs: monotonicMs + skippedMs };
		},
		delay: async (ms) => {
			skip(ms);
			await setImmediate();
		},
		skip,
	};
}
