import type { LeaseStanding } from '../../control-table/lease.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { InstanceId, Ownership, Session, SessionId } from '../../session/session.ts';
import type { Metrics } from '../../system/metrics.ts';
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
	 * - `borrowed`: from the bus, while another instance owns the session.
	 * - `failover`: from the bus, and adopted from an owner whose lease is sealed.
	 * - `reloaded`: from the bus, and this instance already owned the session.
	 */
	readonly source: 'memory' | 'borrowed' | 'failover' | 'reloaded';
	readonly owner: Ownership;
	/** The owner's lease. Present if this instance looked at it because it had no copy. */
	readonly lease?: SeenLease;
	/** The receipt of the bus's answer. Absent for a decision from memory. */
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

/** The evidence of a decision from a copy in memory. */
export function evidenceFromMemory(
	session: Session,
	from: { readonly instanceId: InstanceId; readonly staleMs: number; readonly request: Waiting },
): Evidence {
	const { instanceId, staleMs, request } = from;
	return {
		session: session.id,
		instanceId,
		source: 'memory',
		owner: session.owner,
		staleMs,
		remoteCalls: request.remoteCalls,
	};
}

/** The evidence of a decision from an answer of the bus. */
export function evidenceFromBus(
	answer: AnswerOf<'found' | 'revoked'>,
	from: {
		/** The instance that asked. */
		readonly instanceId: InstanceId;
		readonly lease: SeenLease | undefined;
		readonly staleMs: number;
		readonly request: Waiting;
	},
): Evidence {
	const { session, receipt } = answer;
	const { instanceId, lease, staleMs, request } = from;
	return {
		session: session.id,
		instanceId,
		source: sourceOf(answer, instanceId),
		owner: session.owner,
		receipt,
		...(lease === undefined ? {} : { lease }),
		staleMs,
		remoteCalls: request.remoteCalls,
	};
}

function sourceOf(answer: AnswerOf<'found' | 'revoked'>, asker: InstanceId): Evidence['source'] {
	if (answer.adopted) return 'failover';
	return answer.session.owner.instanceId === asker ? 'reloaded' : 'borrowed';
}

/** The evidence of an operation that waited for more calls after its session was found. */
export function withCallsOf(request: Waiting, evidence: Evidence): Evidence {
	return { ...evidence, remoteCalls: request.remoteCalls };
}

/** Counts failovers and seals in the metrics. Call this once for each request that has evidence. */
export function measureEvidence(metrics: Metrics, evidence: Evidence): void {
	if (evidence.source === 'failover') metrics.add('Failovers', {});
	if (evidence.lease?.seal === 'now') metrics.add('Seals', {});
}
