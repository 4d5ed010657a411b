import { type Clock, systemClock } from './clock.ts';

/**
 * Port: time with timers. It has its own file because session servers do not use it, and every byte
 * of their bundle counts.
 */
export interface TimerClock extends Clock {
	/** Like `delay`, for a wait that something else may end earlier. */
	timer(ms: number): Timer;
}

/** A delay that can be cancelled once nobody waits for it any more. */
export interface Timer {
	/** Never resolves once the timer is cancelled. */
	readonly elapsed: Promise<void>;
	cancel(): void;
}

export const systemTimerClock: TimerClock = {
	...systemClock,
	timer: (ms) => {
		const { promise: elapsed, resolve } = Promise.withResolvers<void>();
		const timeout = setTimeout(resolve, ms);
		return { elapsed, cancel: () => clearTimeout(timeout) };
	},
};
