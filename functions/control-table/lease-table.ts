import type { InstanceId } from '../session/session.ts';
import type { Lease } from './lease.ts';

/**
 * Port: the leases in the control table. Each call is one atomic operation on one lease. A read
 * sees every write that was answered before the read began. A call that throws `Unreachable` may
 * have had its effect, or may have it later.
 */
export interface LeaseTable {
	read(instanceId: InstanceId): Promise<Lease | undefined>;

	/** Writes the lease of a new instance id. */
	acquire(instanceId: InstanceId, expiresAtMs: number): Promise<void>;

	/**
	 * Moves the expiry and `syncedThroughMs` forward, never back. A renewal that arrives late
	 * changes nothing. `lost`: the lease is sealed or missing, so the instance needs a new id.
	 */
	renew(instanceId: InstanceId, expiresAtMs: number, syncedThroughMs: number): Promise<'renewed' | 'lost'>;

	/**
	 * Ends the lease for good, if its expiry is still the one that the caller saw. So this
	 * condition decides, not a clock. `renewed`: the holder renewed the lease first. `sealed`: the
	 * lease is sealed now, or it was sealed or missing before (I5).
	 */
	seal(instanceId: InstanceId, seenExpiresAtMs: number): Promise<'sealed' | 'renewed'>;

	/** Every lease that is not sealed. */
	listUnsealed(): Promise<readonly Lease[]>;
}
