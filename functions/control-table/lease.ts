import type { InstanceId } from '../session/session.ts';
import type { Timing } from './timing.ts';

/** An instance's record in the control table. */
export interface Lease {
	readonly instanceId: InstanceId;
	/** Milliseconds since the Unix epoch, by the holder's wall clock. */
	readonly expiresAtMs: number;
	/** Set once, by another instance or the bus, and never unset (I5). */
	readonly sealed: boolean;
	/**
	 * The holder has read every feed entry that could be read before this moment of its wall clock.
	 */
	readonly syncedThroughMs: number;
}

/**
 * The state of a lease as others see it. A missing lease counts as sealed: an instance id is never
 * used again, so nobody can hold that lease any more.
 */
export type LeaseStanding = 'alive' | 'expired' | 'sealed';

/**
 * Others treat a lease as expired only when the skew margin has passed since its expiry (A1).
 *
 * A lease that expires too far ahead also counts as expired. Otherwise a clock that was wrong once,
 * or somebody who can write the table, could make a lease that nobody can ever seal. The limit is
 * not the duration of leases but the feed's retention, which is longer than any lease may be. While
 * a longer duration is deployed, instances with both durations live side by side, and none must
 * seal the lease of the other.
 */
export function standingOf(lease: Lease | undefined, nowMs: number, timing: Timing): LeaseStanding {
	if (lease === undefined || lease.sealed) return 'sealed';
	const { skewMs, feedRetentionMs } = timing;
	const isImpossible = lease.expiresAtMs > nowMs + feedRetentionMs + skewMs;
	return lease.expiresAtMs + skewMs < nowMs || isImpossible ? 'expired' : 'alive';
}
