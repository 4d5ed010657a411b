import { decide } from '../../access/decision.ts';
import type { ServiceCatalog } from '../../access/service-catalog.ts';
import type { Session } from '../../session/session.ts';
import type { Metrics } from '../../system/metrics.ts';
import type { Evidence } from '../finding/evidence.ts';
import type { NotFound } from '../finding/result.ts';
import type { OperationContext } from './context.ts';

/** Whether a client may use a service. */
export type Decision =
	| { readonly kind: 'allowed'; readonly session: Session; readonly evidence: Evidence }
	| { readonly kind: 'unknown-service' }
	| NotFound;

export type Authorize = (token: string, service: string) => Promise<Decision>;

/**
 * The second half of a request: the session server itself decides, with the session that it holds or
 * was given. It is the last step of claim 1 (`docs/overview.md`).
 */
export function createAuthorize(
	{ findSession, recordActivity }: Pick<OperationContext, 'findSession' | 'recordActivity'>,
	catalog: ServiceCatalog,
): Authorize {
	return async (token, service) => {
		const rule = catalog.get(service);
		if (rule === undefined) return { kind: 'unknown-service' };
		const found = await findSession(token, rule.demand);
		if (found.kind !== 'found') return found;
		const { session, at, evidence } = found;
		const verdict = decide(session, rule, at.wallMs);
		if (!verdict.allowed) return { kind: 'refused', code: verdict.refusal, evidence };
		recordActivity(session, at.wallMs);
		return { kind: 'allowed', session, evidence };
	};
}

/** Counts a decision, at every door alike. A request without a token is refused before it gets here. */
export function measureDecision(metrics: Metrics, decision: Decision | { readonly kind: 'refused' }): void {
	const evidence = evidenceOf(decision);
	metrics.add('Decisions', { outcome: decision.kind, source: evidence?.source ?? 'none' });
	if (evidence !== undefined) metrics.add('Staleness', {}, evidence.staleMs);
}

export function evidenceOf(decision: Decision | { readonly kind: 'refused' }): Evidence | undefined {
	return 'evidence' in decision ? decision.evidence : undefined;
}
