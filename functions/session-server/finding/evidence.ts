import type { LeaseStanding } from '../../control-table/lease.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { InstanceId, Ownership, SessionId } from '../../session/session.ts';
import type { Waiting } from '../request.ts';

/**
 * Why a decision came out as it did. Every field states what the decision was made with, even if it
 * has changed since (I10).
 */
export interface Evidence {
	/** The session that the decision is about. */
	readonly session: SessionId;
	/** The instance that decided. */
	readonly instanceId: InstanceId;
	/**
	 * - `memory`: a copy in the memory of this instance. The request may have waited for a sync.
	 * - `carried`: a copy that the client carried, signed by a bus. Owner and receipt are those of
	 *   `knownAtMs`.
	 * - `borrowed`: from the bus, while another instance owns the session.
	 * - `failover`: from the bus, because the lease of its owner is sealed. `owner` is the sealed
	 *   one, unless the bus stored this instance as the owner before it answered.
	 * - `reloaded`: from the bus, and this instance already owned the session.
	 */
	readonly source: 'memory' | 'carried' | 'borrowed' | 'failover' | 'reloaded';
	/**
	 * Present with `carried`, and with `memory` if the copy came from a client: when the bus read the
	 * session, by the bus's clock, in milliseconds since the Unix epoch.
	 */
	readonly knownAtMs?: number;
	/**
	 * Present with `failover` if this instance itself has not worked all the time that it takes to
	 * seal an owner. Then the owner may have slept as well, and nothing may have failed.
	 */
	readonly afterSleep?: true;
	readonly owner: Ownership;
	/** The owner's lease. Present if this instance looked at it because it had no copy. */
	readonly lease?: SeenLease;
	/**
	 * The receipt of the bus's answer, or of the one that the client carried. Absent for a decision
	 * from memory.
	 */
	readonly receipt?: Receipt;
	/** The age of the knowledge that the decision was made with, in milliseconds. */
	readonly staleMs: number;
	/** The number of network calls that this request waited for. */
	readonly remoteCalls: number;
}

/** A lease as this instance found it. */
export interface SeenLease {
	readonly instanceId: InstanceId;
	readonly standing: Exclude<LeaseStanding, 'expired'> | 'unreachable';
	/** Present if the lease exists and was read. */
	readonly expiresAtMs?: number;
	/** `now`: this request sealed the expired lease. `before`: it was already sealed, or deleted. */
	readonly seal?: 'now' | 'before';
	/** Whether this is known from an earlier request, without a call to the control table. */
	readonly remembered: boolean;
}

/** The evidence of an operation that waited for more calls after its session was found. */
export function withCallsOf(request: Waiting, evidence: Evidence): Evidence {
	return { ...evidence, remoteCalls: request.remoteCalls };
}
