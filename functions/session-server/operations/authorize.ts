import { decide, withLevelAt } from '../../access/decision.ts';
import type { CatalogedService, ServiceCatalog } from '../../access/service-catalog.ts';
import type { Session } from '../../session/session.ts';
import type { Clock } from '../../system/clock.ts';
import type { Metrics } from '../../system/metrics.ts';
import { createTokenBuckets } from '../../system/token-bucket.ts';
import type { Evidence } from '../finding/evidence.ts';
import type { Found, How } from '../finding/find-session.ts';
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

interface Renewal {
	/**
	 * Whether the client gets the copies that decisions bring. If not, no request waits for one.
	 *
	 * @default true
	 */
	readonly givesCopies?: boolean;
}

/**
 * The second half of a request. The session server itself decides, with the session from its memory
 * or from the bus. This is the last step of claim 1 (`docs/claim-1.md`).
 */
export function createAuthorize(
	{ findSession, recordActivity }: Pick<OperationContext, 'findSession' | 'recordActivity'>,
	catalog: ServiceCatalog,
	{ givesCopies = true }: Renewal = {},
): Authorize {
	async function decideOnce(token: string, rule: CatalogedService, how: How): Promise<Decided | NoSession> {
		const found = await findSession(token, rule.demand, { ...how, part: 'head' });
		if (found.kind !== 'found') return found;
		const { session, at, evidence } = found;
		const verdict = decide(session, rule, at.wallMs);
		return verdict.allowed ? { kind: 'allowed', found } : { kind: 'refused', code: verdict.refusal, evidence };
	}

	return async (token, service, presented) => {
		const rule = catalog.get(service);
		if (rule === undefined) return { kind: 'unknown-service' };
		const decided = await decideOnce(token, rule, { carried: presented });
		if (decided.kind !== 'allowed') return decided;
		const { found } = decided;
		// An answer of the bus has brought a copy already.
		const waits = givesCopies && presented !== undefined && found.carried === undefined;
		const reporting = recordActivity(
			found,
			found.at.wallMs,
			presented === undefined ? undefined : { calls: found.request, text: presented, takesCopy: waits },
		);
		const carried = (await reporting) ?? found.carried;
		if (reporting === undefined || !waits) return allowed(found, carried);
		// The session may have ended while the client waited for its copy.
		const again = await decideOnce(token, rule, { carried: presented, cost: 0, request: found.request });
		return again.kind === 'allowed' ? allowed(again.found, carried ?? again.found.carried) : again;
	};
}

interface Decided {
	readonly kind: 'allowed';
	readonly found: Found;
}

function allowed({ session, at, evidence }: Found, carried: string | undefined): Decision {
	const decision = { kind: 'allowed', session: withLevelAt(session, at.wallMs), evidence } as const;
	return carried === undefined ? decision : { ...decision, carried };
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
