import type { LeaseStanding } from '../../control-table/lease.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { InstanceId, Ownership, Session, SessionId } from '../../session/session.ts';
import type { Metrics } from '../../system/metrics.ts';
import type { Waiting } from '../request.ts';

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

/** Of a decision from a copy in memory. */
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

/** Of a decision with what the bus answered. */
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
	if (answer.kind === 'found' && answer.adopted) return 'failover';
	return answer.session.owner.instanceId === asker ? 'reloaded' : 'borrowed';
}

/** The evidence of an operation that went on to wait for more calls after its session was found. */
export function withCallsOf(request: Waiting, evidence: Evidence): Evidence {
	return { ...evidence, remoteCalls: request.remoteCalls };
}

/** Counts what the evidence of any request says about leases. */
export function measureEvidence(metrics: Metrics, evidence: Evidence): void {
	if (evidence.source === 'failover') metrics.add('Failovers', {});
	if (evidence.lease?.seal === 'now') metrics.add('Seals', {});
}
