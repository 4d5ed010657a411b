import type { InstanceId } from '../session/session.ts';
import { elapsedMs, type Instant } from '../system/clock.ts';
import type { Timing } from './timing.ts';

/** An instance's record in the control table. */
export interface Lease {
	readonly instanceId: InstanceId;
	/** By the holder's wall clock. */
	readonly expiresAtMs: number;
	/** Set once, by another instance or the bus, and never taken back. */
	readonly sealed: boolean;
	/** Every feed entry that could be read before this moment of the holder's wall clock, the holder has read. */
	readonly syncedThroughMs: number;
}

/** How a lease looks to others. A missing one counts as sealed: ids never return, so nothing can come of it. */
export type LeaseStanding = 'alive' | 'expired' | 'sealed';

/** Others wait for the skew margin beyond the expiry before they act on it (assumption A1). */
export function standingOf(lease: Lease | undefined, nowMs: number, skewMs: number): LeaseStanding {
	if (lease === undefined || lease.sealed) return 'sealed';
	return lease.expiresAtMs + skewMs < nowMs ? 'expired' : 'alive';
}

/** A lease as its holder knows it. */
export interface HeldLease {
	readonly expiresAtMs: number;
	/** The moment before the call that acquired or last renewed it. */
	readonly since: Instant;
}

/**
 * Whether the holder may act on its lease: both clocks must say that it has not expired. The wall clock alone could have
 * been set back, the monotonic clock alone may have stood still during a freeze (I4).
 */
export function holds(lease: HeldLease, now: Instant, timing: Timing): boolean {
	return now.wallMs < lease.expiresAtMs && elapsedMs(lease.since, now) < timing.leaseDurationMs;
}

/** With a third of the lease gone, two thirds are left to try again before it matters. */
export function renewalDue(lease: HeldLease, now: Instant, timing: Timing): boolean {
	return elapsedMs(lease.since, now) >= timing.leaseDurationMs / 3;
}
