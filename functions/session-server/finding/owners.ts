import { type Lease, standingOf } from '../../control-table/lease.ts';
import type { InstanceId } from '../../session/session.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { InstanceContext } from '../context.ts';
import { countedFor, type Waiting } from '../request.ts';
import type { SeenLease } from './evidence.ts';

/** What an instance knows of the leases of others. */
export interface Owners {
	/** The standing of an owner's lease. Finds an expired one? Then it is sealed by the time this returns (I5). */
	look(waiting: Waiting, owner: InstanceId): Promise<SeenLease>;
}

type Known =
	| { readonly standing: 'sealed' }
	/** Cannot be sealed before it expires, so until then nobody needs to look again. */
	| { readonly standing: 'alive'; readonly expiresAtMs: number; readonly seenAt: Instant };

/** Owners are as many as instances, now and in the life of a session. What was forgotten is looked up again. */
const ownersMax = 10_000;

/** How often a lease may be renewed between our look and our seal before we call its holder alive. */
const sealAttemptsMax = 3;

export function createOwners(context: Pick<InstanceContext, 'clock' | 'timing' | 'leases'>): Owners {
	const known = new Map<InstanceId, Known>();

	function recall(owner: InstanceId): SeenLease | undefined {
		const seen = known.get(owner);
		if (seen === undefined) return undefined;
		if (seen.standing === 'sealed') return { instanceId: owner, standing: 'sealed', seal: 'before', remembered: true };
		const now = context.clock.now();
		if (now.wallMs >= seen.expiresAtMs || elapsedMs(seen.seenAt, now) >= context.timing.leaseDurationMs)
			return undefined;
		return { instanceId: owner, standing: 'alive', expiresAtMs: seen.expiresAtMs, remembered: true };
	}

	async function lookInTable(waiting: Waiting, owner: InstanceId): Promise<SeenLease> {
		const leases = countedFor(waiting, context.leases);
		for (let attempt = 0; attempt < sealAttemptsMax; attempt++) {
			const seenAt = context.clock.now();
			const lease = await leases.read(owner);
			const standing = standingOf(lease, context.clock.now().wallMs, context.timing.skewMs);
			if (standing === 'sealed' || lease === undefined) return remember(owner, lease, 'before');
			if (standing === 'alive') return rememberAlive(lease, seenAt);
			if ((await leases.seal(owner, lease.expiresAtMs)) === 'sealed') return remember(owner, lease, 'now');
		}
		return { instanceId: owner, standing: 'alive', remembered: false };
	}

	function keep(owner: InstanceId, seen: Known): void {
		const [oldest] = known.keys();
		if (known.size >= ownersMax && oldest !== undefined) known.delete(oldest);
		known.set(owner, seen);
	}

	function remember(owner: InstanceId, lease: Lease | undefined, seal: 'now' | 'before'): SeenLease {
		keep(owner, { standing: 'sealed' });
		return { instanceId: owner, standing: 'sealed', ...expiryOf(lease), seal, remembered: false };
	}

	function rememberAlive(lease: Lease, seenAt: Instant): SeenLease {
		keep(lease.instanceId, { standing: 'alive', expiresAtMs: lease.expiresAtMs, seenAt });
		return { instanceId: lease.instanceId, standing: 'alive', ...expiryOf(lease), remembered: false };
	}

	return {
		look: async (waiting, owner) => {
			const recalled = recall(owner);
			if (recalled !== undefined) return recalled;
			try {
				return await lookInTable(waiting, owner);
			} catch (error) {
				if (!(error instanceof Unreachable)) throw error;
				return { instanceId: owner, standing: 'unreachable', remembered: false };
			}
		},
	};
}

function expiryOf(lease: Lease | undefined): { expiresAtMs?: number } {
	return lease === undefined ? {} : { expiresAtMs: lease.expiresAtMs };
}
