import type { Timer } from '../../functions/system/timers.ts';

/** A timer without a real timeout behind it, which need not be cancelled. */
export function timerOf(elapsed: Promise<void>): Timer {
	return { elapsed, cancel: () => undefined };
}
