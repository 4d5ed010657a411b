import { decide, withLevelAt } from '../../access/decision.ts';
import type { ServiceCatalog } from '../../access/service-catalog.ts';
import type { Session } from '../../session/session.ts';
import type { Clock } from '../../system/clock.ts';
import type { Metrics } from '../../system/metrics.ts';
import { createTokenBuckets } from '../../system/token-bucket.ts';
import { type Evidence, withCallsOf } from '../finding/evidence.ts';
import type { NoSession } from '../finding/result.ts';
import type { OperationContext } from './context.ts';

/** The decision whether a client may use a service. */
export type Decision =
	/** `session` has the level that it has now, and may be without attributes. */
	| {
			readonly kind: 'allowed';
			readonly session: Session;
			readonly evidence: Evidence;
			/** A new carried copy, for the client to present from now on. */
			readonly carried?: string;
	  }
	| { readonly kind: 'unknown-service' }
	| NoSession;

/** @param presented the carried copy that the client presented beside its token, unchecked */
export type Authorize = (token: string, service: string, presented?: string) => Promise<Decision>;

/**
 * The second half of a request. The session server itself decides, with the session from its memory
 * or from the bus. This is the last step of claim 1 (`docs/claim-1.md`).
 */
export function createAuthorize(
	{ findSession, recordActivity }: Pick<OperationContext, 'findSession' | 'recordActivity'>,
	catalog: ServiceCatalog,
): Authorize {
	return async (token, service, presented) => {
		const rule = catalog.get(service);
		if (rule === undefined) return { kind: 'unknown-service' };
		const found = await findSession(token, rule.demand, { part: 'head', carried: presented });
		if (found.kind !== 'found') return found;
		const { session, at, evidence, request } = found;
		const verdict = decide(session, rule, at.wallMs);
		if (!verdict.allowed) return { kind: 'refused', code: verdict.refusal, evidence };
		const reporting = recordActivity(found, at.wallMs, presented === undefined ? undefined : request);
		const carried = (await reporting) ?? found.carried;
		const waited = reporting === undefined ? evidence : withCallsOf(request, evidence);
		const allowed = { kind: 'allowed', session: withLevelAt(session, at.wallMs), evidence: waited } as const;
		return carried === undefined ? allowed : { ...allowed, carried };
	};
}

/** A decision, or the refusal of a request without a token that it may use. */
type DecisionOrRefusal = Decision | { readonly kind: 'refused'; readonly evidence?: Evidence | undefined };

/** Counts a decision of the API or of the authorizer in the metrics. */
export function measureDecision(metrics: Metrics, decision: DecisionOrRefusal): void {
	const evidence = evidenceOf(decision);
	metrics.add('Decisions', { outcome: decision.kind, source: evidence?.source ?? 'none' });
	if (evidence !== undefined) metrics.add('Staleness', {}, evidence.staleMs);
}

/** The evidence of a decision. Undefined if the decision is not about a session. */
export function evidenceOf(decision: DecisionOrRefusal): Evidence | undefined {
	return decision.kind === 'allowed' || decision.kind === 'refused' ? decision.evidence : undefined;
}

/**
 * Counts adoptions and seals in the metrics. Call this once for each request that has evidence. An
 * adoption is a failover only if this instance was at work while the owner's lease expired.
 */
export function measureEvidence(metrics: Metrics, evidence: Evidence): void {
	if (evidence.source === 'failover') metrics.add(evidence.afterSleep ? 'Takeovers' : 'Failovers', {});
	if (evidence.lease?.seal === 'now') metrics.add('Seals', {});
}

/** Whether an allowed decision gets a line in the log. */
export type WantsLine = (evidence: Evidence) => boolean;

/**
 * Every allowed decision that waited for a call gets a line. Of the others, the first `perSecond`
 * of each second do. The metric `Decisions` counts them all, in one line a second.
 */
export function createWantsLine(perSecond: number, clock: Pick<Clock, 'now'>): WantsLine {
	const lines = perSecond === 0 ? undefined : createTokenBuckets<'warm'>({ burst: perSecond, perSecond });
	return ({ source, remoteCalls }) =>
		(source !== 'memory' && source !== 'carried') ||
		remoteCalls > 0 ||
		lines?.take('warm', 1, clock.now().monotonicMs) === 0;
}
