import { type Environment, wholeNumber } from '../system/environment.ts';

/** The times that the protocol runs on. All session servers and buses of a deployment share them. */
export interface Timing {
	/** How long a lease lasts from the moment before it was asked for. */
	readonly leaseDurationMs: number;
	/** By how much two clocks may differ (assumption A1). */
	readonly skewMs: number;
	/** The staleness bound: how far a copy in memory may be behind an acknowledged change. */
	readonly maxStalenessMs: number;
	/** How long feed entries are kept (assumption A2). */
	readonly feedRetentionMs: number;
	/** The longest that one append to the feed may take; a slower one is repeated before it counts. */
	readonly feedAppendMs: number;
	/** The longest that a copy is used before it is read again, whatever the feed says. */
	readonly copyAgeMs: number;
	/** Activity is reported when it has moved by more than this, or by a part of the session's idle life if that is less. */
	readonly touchIntervalMs: number;
}

export const timingDefaults: Timing = {
	leaseDurationMs: 10_000,
	skewMs: 500,
	maxStalenessMs: 2_000,
	feedRetentionMs: 300_000,
	feedAppendMs: 1_000,
	copyAgeMs: 300_000,
	touchIntervalMs: 300_000,
};

export interface TimingVariables {
	LEASEHOLD_LEASE_DURATION_MS?: string;
	LEASEHOLD_SKEW_MS?: string;
	LEASEHOLD_MAX_STALENESS_MS?: string;
	LEASEHOLD_FEED_RETENTION_MS?: string;
	LEASEHOLD_FEED_APPEND_MS?: string;
	LEASEHOLD_COPY_AGE_MS?: string;
	LEASEHOLD_TOUCH_INTERVAL_MS?: string;
}

/** @throws naming the variable or the relation that is wrong. */
export function parseTiming(environment: Environment): Timing {
	return checkedTiming({
		leaseDurationMs: wholeNumber(environment, 'LEASEHOLD_LEASE_DURATION_MS', timingDefaults.leaseDurationMs),
		skewMs: wholeNumber(environment, 'LEASEHOLD_SKEW_MS', timingDefaults.skewMs),
		maxStalenessMs: wholeNumber(environment, 'LEASEHOLD_MAX_STALENESS_MS', timingDefaults.maxStalenessMs),
		feedRetentionMs: wholeNumber(environment, 'LEASEHOLD_FEED_RETENTION_MS', timingDefaults.feedRetentionMs),
		feedAppendMs: wholeNumber(environment, 'LEASEHOLD_FEED_APPEND_MS', timingDefaults.feedAppendMs),
		copyAgeMs: wholeNumber(environment, 'LEASEHOLD_COPY_AGE_MS', timingDefaults.copyAgeMs),
		touchIntervalMs: wholeNumber(environment, 'LEASEHOLD_TOUCH_INTERVAL_MS', timingDefaults.touchIntervalMs),
	});
}

/** @throws naming the relation that does not hold, with both values. */
export function checkedTiming(timing: Timing): Timing {
	const { leaseDurationMs, maxStalenessMs, feedRetentionMs } = timing;
	if (maxStalenessMs >= leaseDurationMs)
		throw new Error(
			`the staleness bound (${maxStalenessMs} ms) must be shorter than the lease (${leaseDurationMs} ms): ` +
				'a lease is renewed by the syncs that keep within the bound',
		);
	const shortest = leaseDurationMs + feedOverlapMs(timing);
	if (feedRetentionMs < shortest)
		throw new Error(`the feed must keep its entries for at least ${shortest} ms, not ${feedRetentionMs} ms`);
	return timing;
}

/**
 * How far a read of the feed reaches back behind the sync before it. An entry bears the time of a clock that may be
 * `skewMs` behind ours, taken up to `feedAppendMs` before the entry could be read; ours may have run ahead by as much.
 */
export function feedOverlapMs(timing: Timing): number {
	return 2 * timing.skewMs + timing.feedAppendMs;
}
