import type { Lease } from '../../control-table/lease.ts';
import { sealIfExpired } from '../../control-table/seal-if-expired.ts';
import type { InstanceId } from '../../session/session.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import type { InstanceContext } from '../context.ts';
import { countedFor, type Waiting } from '../request.ts';
import type { SeenLease } from './evidence.ts';

/** An instance's knowledge of the leases of other instances. */
export interface Owners {
	/**
	 * Finds the standing of an owner's lease, and seals the lease if it has expired (I5). The answer
	 * is `unreachable` if the control table does not answer.
	 */
	look(waiting: Waiting, owner: InstanceId): Promise<SeenLease>;
}

type Remembered =
	| { readonly standing: 'sealed' }
	/**
	 * No instance can seal the lease before it expires. Until then there is no need to look again.
	 */
	| { readonly standing: 'alive'; readonly expiresAtMs: number; readonly seenAt: Instant };

/**
 * More than the number of instances in the lifetime of a session. If an owner is forgotten, its
 * lease is looked up again.
 */
const ownersMax = 10_000;

/** If a lease is renewed between look and seal this many times, its holder counts as alive. */
const sealAttemptsMax = 3;

export function createOwners(context: Pick<InstanceContext, 'clock' | 'timing' | 'leases'>): Owners {
	const owners = createBoundedMap<InstanceId, Remembered>(ownersMax);

	function findRemembered(owner: InstanceId): SeenLease | undefined {
		const seen = owners.get(owner);
		if (seen === undefined) return undefined;
		if (seen.standing === 'sealed') return { instanceId: owner, standing: 'sealed', seal: 'before', remembered: true };
		const now = context.clock.now();
		if (now.wallMs >= seen.expiresAtMs || elapsedMs(seen.seenAt, now) >= context.timing.leaseDurationMs)
			return undefined;
		return { instanceId: owner, standing: 'alive', expiresAtMs: seen.expiresAtMs, remembered: true };
	}

	async function lookInTable(waiting: Waiting, owner: InstanceId): Promise<SeenLease> {
		const seen = await sealIfExpired(
			{ ...context, leases: countedFor(waiting, context.leases) },
			owner,
			sealAttemptsMax,
		);
		switch (seen.kind) {
			case 'sealed':
				return remember(owner, seen.lease, seen.seal);
			case 'alive':
				return rememberAlive(seen.lease, seen.seenAt);
			case 'renewed':
				return { instanceId: owner, standing: 'alive', remembered: false };
			case 'unreachable':
				return { instanceId: owner, standing: 'unreachable', remembered: false };
		}
	}

	function remember(owner: InstanceId, lease: Lease | undefined, seal: 'now' | 'before'): SeenLease {
		owners.set(owner, { standing: 'sealed' });
		return { instanceId: owner, standing: 'sealed', ...expiryOf(lease), seal, remembered: false };
	}

	function rememberAlive(lease: Lease, seenAt: Instant): SeenLease {
		owners.set(lease.instanceId, { standing: 'alive', expiresAtMs: lease.expiresAtMs, seenAt });
		return { instanceId: lease.instanceId, standing: 'alive', ...expiryOf(lease), remembered: false };
	}

	return {
		look: async (waiting, owner) => findRemembered(owner) ?? lookInTable(waiting, owner),
	};
}

function expiryOf(lease: Lease | undefined): { expiresAtMs?: number } {
	return lease === undefined ? {} : { expiresAtMs: lease.expiresAtMs };
}
