import type { Timer } from '../../functions/system/timers.ts';

/** A timer that need not be cancelled, for clocks whose delays take no time. */
export function timerOf(elapsed: Promise<void>): Timer {
	return { elapsed, cancel: () => undefined };
}
