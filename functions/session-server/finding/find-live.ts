import { refusalOfLife } from '../../access/decision.ts';
import type { Freshness } from '../../access/service-catalog.ts';
import { lifeOf } from '../../session/lifetime.ts';
import type { FindSession, Found } from './find-session.ts';
import type { NotFound } from './result.ts';

/** Finds the session that a token names, if it has not ended. Does not count as activity. */
export type FindLive = (token: string, freshness: Freshness) => Promise<Found | NotFound>;

export function createFindLive(findSession: FindSession): FindLive {
	return async (token, freshness) => {
		const found = await findSession(token, freshness);
		if (found.kind !== 'found') return found;
		const refusal = refusalOfLife(lifeOf(found.session, found.at.wallMs));
		return refusal === undefined ? found : { kind: 'refused', code: refusal, evidence: found.evidence };
	};
}
