import { setTimeout as delay } from 'node:timers/promises';

/**
 * A moment by both clocks. Someone can set the wall clock, and the monotonic clock may stand still
 * while the environment is frozen.
 */
export interface Instant {
	/** Milliseconds since the Unix epoch. */
	readonly wallMs: number;
	/** Milliseconds since a fixed moment of this process. */
	readonly monotonicMs: number;
}

/** Port: time. Tests and the simulation have their own clocks. */
export interface Clock {
	now(): Instant;
	/** Resolves after at least `ms` milliseconds of running time. */
	delay(ms: number): Promise<void>;
}

export const systemClock: Clock = {
	now: () => ({ wallMs: Date.now(), monotonicMs: performance.now() }),
	delay: async (ms) => {
		await delay(ms);
	},
};

/**
 * How old something from the moment `from` may be at the moment `to`, in milliseconds. This is the
 * larger difference of both clocks, since a freeze stops one and setting the time back shortens the
 * other. If the wall clock went back, the age is unknown and the result is infinite.
 */
export function elapsedMs(from: Instant, to: Instant): number {
	const wallMs = to.wallMs - from.wallMs;
	return wallMs < 0 ? Number.POSITIVE_INFINITY : Math.max(wallMs, to.monotonicMs - from.monotonicMs);
}

/**
 * Milliseconds of running time from `from` to `to`, for measurements and time budgets. Setting the
 * wall clock does not change it. Use `elapsedMs` to tell whether something has become too old.
 */
export function ranMs(from: Instant, to: Instant): number {
	return to.monotonicMs - from.monotonicMs;
}
