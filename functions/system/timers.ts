import { type Clock, systemClock } from './clock.ts';

/** Port: time, with timers. Its own file, since session servers have no use for it and every byte of theirs counts. */
export interface TimerClock extends Clock {
	/** As `delay`, for what is waited for only until something else comes. */
	timer(ms: number): Timer;
}

/** A delay that can be called off, so that it does not go on when nobody waits for it any more. */
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
