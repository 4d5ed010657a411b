import type { InstanceId } from '../session/session.ts';
import type { Clock, Instant } from '../system/clock.ts';
import { Unreachable } from '../system/unreachable.ts';
import { type Lease, standingOf } from './lease.ts';
import type { LeaseTable } from './lease-table.ts';
import type { Timing } from './timing.ts';

/**
 * The standing of a lease. An expired lease is sealed, unless the table did not answer or its
 * holder renewed it.
 */
export type SettledStanding =
	/**
	 * The holder has failed. `now`: this call sealed the lease. `before`: the lease was sealed or
	 * missing already.
	 */
	| { readonly kind: 'sealed'; readonly seal: 'now' | 'before'; readonly lease: Lease | undefined }
	/**
	 * The lease has not expired, and nobody can seal it before it does. `seenAt`: the moment before
	 * it was read.
	 */
	| { readonly kind: 'alive'; readonly lease: Lease; readonly seenAt: Instant }
	/** The holder renewed its lease each time, after this call had found it expired. */
	| { readonly kind: 'renewed' }
	/** The control table did not answer. The lease may be sealed all the same. */
	| { readonly kind: 'unreachable' };

/**
 * Reads a lease and seals it if it has expired (I5).
 *
 * @param attemptsMax how often the lease is read before a holder that keeps renewing it counts as
 * alive
 */
export async function sealIfExpired(
	{ leases, clock, timing }: { readonly leases: LeaseTable; readonly clock: Clock; readonly timing: Timing },
	instanceId: InstanceId,
	attemptsMax: number,
): Promise<SettledStanding> {
	try {
		for (let attempt = 0; attempt < attemptsMax; attempt++) {
			const seenAt = clock.now();
			const lease = await leases.read(instanceId);
			const standing = standingOf(lease, clock.now().wallMs, timing);
			if (standing === 'sealed' || lease === undefined) return { kind: 'sealed', seal: 'before', lease };
			if (standing === 'alive') return { kind: 'alive', lease, seenAt };
			const outcome = await leases.seal(instanceId, lease.expiresAtMs);
			if (outcome === 'sealed') return { kind: 'sealed', seal: 'now', lease };
		}
		return { kind: 'renewed' };
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return { kind: 'unreachable' };
	}
}
