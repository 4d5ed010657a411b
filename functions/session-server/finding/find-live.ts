import { type Refusal, refusalOfLife } from '../../access/decision.ts';
import type { Freshness } from '../../access/service-catalog.ts';
import { lifeOf } from '../../session/lifetime.ts';
import type { Session } from '../../session/session.ts';
import type { Visit } from '../request.ts';
import type { Evidence } from './evidence.ts';
import type { FindSession } from './find-session.ts';

/** Why there is no session to work with. */
export type NotFound =
	| {
			readonly kind: 'refused';
			readonly code: Refusal | 'session_malformed' | 'session_unknown';
			readonly evidence?: Evidence | undefined;
	  }
	| { readonly kind: 'unavailable'; readonly reason: string };

export type Viewed = { readonly kind: 'found'; readonly session: Session; readonly evidence: Evidence } | NotFound;

/** The session that a token names, if it may still be used. Does not count as activity. */
export type FindLive = (visit: Visit, token: string, freshness: Freshness) => Promise<Viewed>;

export function createFindLive(findSession: FindSession): FindLive {
	return async (visit, token, freshness) => {
		const found = await findSession(visit, token, freshness);
		if (found.kind !== 'found') return found;
		const refusal = refusalOfLife(lifeOf(found.session, found.at.wallMs));
		return refusal === undefined ? found : { kind: 'refused', code: refusal, evidence: found.evidence };
	};
}
