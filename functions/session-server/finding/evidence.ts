import type { LeaseStanding } from '../../control-table/lease.ts';
import type { Receipt } from '../../protocol/answers.ts';
import type { InstanceId, Ownership, SessionId } from '../../session/session.ts';

/** Why a decision came out as it did; every field says what was used, not what may hold by now (I10). */
export interface Evidence {
	/** The session that was decided about. */
	readonly session: SessionId;
	/** The instance that decided. */
	readonly instanceId: InstanceId;
	/**
	 * `memory`: a copy, without a remote call. `borrowed`: from the bus, while another instance owns the session.
	 * `failover`: from the bus, adopted from an owner whose lease is sealed. `reloaded`: from the bus, its own session.
	 */
	readonly source: 'memory' | 'borrowed' | 'failover' | 'reloaded';
	readonly owner: Ownership;
	/** The lease that was looked at because there was no copy. */
	readonly lease?: SeenLease;
	/** What the bus said of its answer. */
	readonly receipt?: Receipt;
	/** How old the knowledge was that the decision was made with, in milliseconds. */
	readonly staleMs: number;
	/** Calls over the network that this request waited for. */
	readonly remoteCalls: number;
}

/** A lease as it was found. */
export interface SeenLease {
	readonly instanceId: InstanceId;
	readonly standing: Exclude<LeaseStanding, 'expired'> | 'unreachable';
	/** Present when there was a lease to see. */
	readonly expiresAtMs?: number;
	/** `now`: this request found the lease expired and sealed it. `before`: it was sealed, or gone, already. */
	readonly seal?: 'now' | 'before';
	/** Known from an earlier request, without a look at the table. */
	readonly remembered: boolean;
}
