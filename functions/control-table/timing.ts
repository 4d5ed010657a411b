import { type Environment, wholeNumber } from '../system/environment.ts';

/**
 * The times of the protocol. All session servers and buses of a deployment must use the same ones.
 *
 * Invariants, checked by `checkedTiming`:
 *
 *     maxStalenessMs < leaseDurationMs
 *     leaseDurationMs + feedOverlapMs <= feedRetentionMs, where feedOverlapMs = 2 * skewMs + feedAppendMs
 *     carriedAgeMs + 3 * skewMs < feedRetentionMs
 */
export interface Timing {
	/** How long a lease lasts, from the moment before the instance asked for it. */
	readonly leaseDurationMs: number;
	/** How far two clocks may be apart (assumption A1). */
	readonly skewMs: number;
	/** The staleness bound: how far a copy in memory may be behind an acknowledged change. */
	readonly maxStalenessMs: number;
	/** How long feed entries are kept (assumption A2). */
	readonly feedRetentionMs: number;
	/** How long an append to the feed may take. The bus repeats a slower append. */
	readonly feedAppendMs: number;
	/**
	 * How long a copy is used before the instance reads the session again, even if the feed is
	 * silent.
	 */
	readonly copyAgeMs: number;
	/**
	 * How long a copy that a client carries is used, from the moment at which the bus read the
	 * session. The client gets a new one with each answer of the bus, such as that to a report of
	 * activity.
	 */
	readonly carriedAgeMs: number;
	/**
	 * An instance reports activity that is newer than the last report by more than this, or by more
	 * than a part of the session's idle timeout if that is less.
	 */
	readonly touchIntervalMs: number;
}

export const timingDefaults: Timing = {
	leaseDurationMs: 10_000,
	skewMs: 500,
	maxStalenessMs: 2_000,
	feedRetentionMs: 1_200_000,
	feedAppendMs: 1_000,
	copyAgeMs: 300_000,
	carriedAgeMs: 900_000,
	touchIntervalMs: 300_000,
};

export interface TimingVariables {
	LEASEHOLD_LEASE_DURATION_MS?: string;
	LEASEHOLD_SKEW_MS?: string;
	LEASEHOLD_MAX_STALENESS_MS?: string;
	LEASEHOLD_FEED_RETENTION_MS?: string;
	LEASEHOLD_FEED_APPEND_MS?: string;
	LEASEHOLD_COPY_AGE_MS?: string;
	LEASEHOLD_CARRIED_AGE_MS?: string;
	LEASEHOLD_TOUCH_INTERVAL_MS?: string;
}

/**
 * @throws when a variable is wrong or two of them contradict each other. The message names them.
 */
export function parseTiming(environment: Environment): Timing {
	return checkedTiming({
		leaseDurationMs: wholeNumber(environment, 'LEASEHOLD_LEASE_DURATION_MS', timingDefaults.leaseDurationMs),
		skewMs: wholeNumber(environment, 'LEASEHOLD_SKEW_MS', timingDefaults.skewMs),
		maxStalenessMs: wholeNumber(environment, 'LEASEHOLD_MAX_STALENESS_MS', timingDefaults.maxStalenessMs),
		feedRetentionMs: wholeNumber(environment, 'LEASEHOLD_FEED_RETENTION_MS', timingDefaults.feedRetentionMs),
		feedAppendMs: wholeNumber(environment, 'LEASEHOLD_FEED_APPEND_MS', timingDefaults.feedAppendMs),
		copyAgeMs: wholeNumber(environment, 'LEASEHOLD_COPY_AGE_MS', timingDefaults.copyAgeMs),
		carriedAgeMs: wholeNumber(environment, 'LEASEHOLD_CARRIED_AGE_MS', timingDefaults.carriedAgeMs),
		touchIntervalMs: wholeNumber(environment, 'LEASEHOLD_TOUCH_INTERVAL_MS', timingDefaults.touchIntervalMs),
	});
}

/** @throws when an invariant of `Timing` does not hold. The message has both values. */
export function checkedTiming(timing: Timing): Timing {
	const { leaseDurationMs, maxStalenessMs, feedRetentionMs, carriedAgeMs, skewMs } = timing;
	// maxStalenessMs < leaseDurationMs: the syncs that keep an instance within the bound renew its
	// lease.
	if (maxStalenessMs >= leaseDurationMs)
		throw new Error(
			`the staleness bound (${maxStalenessMs} ms) must be shorter than the lease (${leaseDurationMs} ms): ` +
				'a lease is renewed by the syncs that keep within the bound',
		);
	// leaseDurationMs + feedOverlapMs <= feedRetentionMs: otherwise an instance could still hold
	// its lease after a gap between syncs for which the feed no longer has every entry (A2).
	const shortest = leaseDurationMs + feedOverlapMs(timing);
	if (feedRetentionMs < shortest)
		throw new Error(`the feed must keep its entries for at least ${shortest} ms, not ${feedRetentionMs} ms`);
	// carriedAgeMs + 3 * skewMs < feedRetentionMs: otherwise the feed could have deleted an end that
	// came after a carried copy was read. One margin is between the bus that dates the end and the
	// one that reads the session, and one between each of them and the instance that uses the copy.
	if (feedRetentionMs <= carriedAgeMs + 3 * skewMs)
		throw new Error(
			`the feed must keep its entries for more than ${carriedAgeMs + 3 * skewMs} ms, not ${feedRetentionMs} ms: ` +
				`clients carry copies for ${carriedAgeMs} ms`,
		);
	return timing;
}

/**
 * How far a read of the feed reaches back behind the sync before it.
 *
 *     feedOverlapMs = skewMs + skewMs + feedAppendMs
 *
 * An entry has the time of the bus's clock, which may be `skewMs` behind the reader's. The bus
 * reads its clock up to `feedAppendMs` before the entry can be read. At the sync before, the
 * reader's own clock may have been ahead by another `skewMs`.
 */
export function feedOverlapMs(timing: Timing): number {
	return 2 * timing.skewMs + timing.feedAppendMs;
}
