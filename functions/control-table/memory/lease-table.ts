import type { InstanceId } from '../../session/session.ts';
import type { Lease } from '../lease.ts';
import type { LeaseTable } from '../lease-table.ts';

/**
 * Leases in memory, for tests and the simulation. Each operation takes effect when it is called.
 */
export function createMemoryLeaseTable(): LeaseTable {
	const leases = new Map<InstanceId, Lease>();
	return {
		read: async (instanceId) => leases.get(instanceId),
		acquire: async (instanceId, expiresAtMs) => {
			if (!leases.has(instanceId))
				leases.set(instanceId, Object.freeze({ instanceId, expiresAtMs, sealed: false, syncedThroughMs: 0 }));
		},
		renew: async (instanceId, expiresAtMs, syncedThroughMs) => {
			const lease = leases.get(instanceId);
			if (lease === undefined || lease.sealed) return 'lost';
			const renewed = {
				...lease,
				expiresAtMs: Math.max(lease.expiresAtMs, expiresAtMs),
				syncedThroughMs: Math.max(lease.syncedThroughMs, syncedThroughMs),
			};
			leases.set(instanceId, Object.freeze(renewed));
			return 'renewed';
		},
		seal: async (instanceId, seenExpiresAtMs) => {
			const lease = leases.get(instanceId);
			if (lease === undefined || lease.sealed) return 'sealed';
			if (lease.expiresAtMs !== seenExpiresAtMs) return 'renewed';
			leases.set(instanceId, Object.freeze({ ...lease, sealed: true }));
			return 'sealed';
		},
		listUnsealed: async () => [...leases.values()].filter((lease) => !lease.sealed),
	};
}
