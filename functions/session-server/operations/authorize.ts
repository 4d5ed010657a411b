import { decide, type Refusal } from '../../access/decision.ts';
import { demandOf } from '../../access/service-catalog.ts';
import type { Session } from '../../session/session.ts';
import type { SessionServerContext } from '../context.ts';
import type { Evidence } from '../finding/evidence.ts';
import type { FindSession } from '../finding/find-session.ts';
import type { Visit } from '../request.ts';
import type { RecordActivity } from './activity.ts';

/** Whether a client may use a service. */
export type Decision =
	| { readonly kind: 'allowed'; readonly session: Session; readonly evidence: Evidence }
	| {
			readonly kind: 'refused';
			readonly code: Refusal | 'session_malformed' | 'session_unknown';
			readonly evidence?: Evidence | undefined;
	  }
	| { readonly kind: 'unknown-service' }
	| { readonly kind: 'unavailable'; readonly reason: string };

export type Authorize = (visit: Visit, token: string, service: string) => Promise<Decision>;

/** Step 5 of a request: the session server decides, with the session it has or was given (claim 1). */
export function createAuthorize(
	context: SessionServerContext,
	findSession: FindSession,
	recordActivity: RecordActivity,
): Authorize {
	return async (visit, token, service) => {
		const rule = context.catalog.get(service);
		if (rule === undefined) return { kind: 'unknown-service' };
		const found = await findSession(visit, token, demandOf(rule));
		if (found.kind !== 'found') return found;
		const { session, at, evidence } = found;
		const verdict = decide(session, rule, at.wallMs);
		if (!verdict.allowed) return { kind: 'refused', code: verdict.refusal, evidence };
		recordActivity(session, at.wallMs);
		return { kind: 'allowed', session, evidence };
	};
}
