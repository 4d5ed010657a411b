import type { InstanceId } from '../session/session.ts';
import type { Lease } from './lease.ts';

/**
 * Port: the leases in the control table. Each call is one atomic operation on one lease, and every read sees all writes
 * that were answered before it began. A call that throws `Unreachable` may have had its effect, or have it later.
 */
export interface LeaseTable {
	read(instanceId: InstanceId): Promise<Lease | undefined>;

	/** Writes the lease of a new instance id. */
	acquire(instanceId: InstanceId, expiresAtMs: number): Promise<void>;

	/**
	 * Moves the expiry and `syncedThroughMs` forward, never back, so that a renewal that arrives late changes nothing.
	 * `lost`: the lease is sealed or missing, and that life of the instance is over.
	 */
	renew(instanceId: InstanceId, expiresAtMs: number, syncedThroughMs: number): Promise<'renewed' | 'lost'>;

	/**
	 * Ends the lease for good, on condition that its expiry is still the one that the caller saw: the condition decides,
	 * not a clock. `renewed`: the holder came first. A lease that is sealed or missing is `sealed` (I5).
	 */
	seal(instanceId: InstanceId, seenExpiresAtMs: number): Promise<'sealed' | 'renewed'>;

	/** Every lease that is not sealed. */
	listUnsealed(): Promise<readonly Lease[]>;
}
