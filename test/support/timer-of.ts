import type { Timer } from '../../functions/system/timers.ts';

/** A timer that nobody has to call off, for clocks whose delays cost nothing. */
export function timerOf(elapsed: Promise<void>): Timer {
	return { elapsed, cancel: () => undefined };
}
