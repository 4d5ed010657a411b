import { setTimeout as delay } from 'node:timers/promises';

/** A moment by both clocks: the wall clock can be set, the monotonic one may stand still while an environment is frozen. */
export interface Instant {
	/** Milliseconds since the Unix epoch. */
	readonly wallMs: number;
	/** Milliseconds since some fixed moment of this process. */
	readonly monotonicMs: number;
}

/** Port: time. Tests and the simulation have their own. */
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
 * Milliseconds from `from` to `to`, by whichever clock says more: a freeze stops one, setting the time back the other.
 * Infinite when the wall clock went back, since then nothing is known.
 */
export function elapsedMs(from: Instant, to: Instant): number {
	const wallMs = to.wallMs - from.wallMs;
	return wallMs < 0 ? Number.POSITIVE_INFINITY : Math.max(wallMs, to.monotonicMs - from.monotonicMs);
}

/**
 * Milliseconds of running time from `from` to `to`, for measures and for budgets of time: setting the wall clock changes
 * nothing about how long something took. What may have grown too old is for `elapsedMs`.
 */
export function ranMs(from: Instant, to: Instant): number {
	return to.monotonicMs - from.monotonicMs;
}
