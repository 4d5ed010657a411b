import { refusalOfLife } from '../../access/decision.ts';
import type { Freshness } from '../../access/service-catalog.ts';
import { lifeOf } from '../../session/lifetime.ts';
import type { FindSession, Found, How } from './find-session.ts';
import type { NoSession } from './result.ts';

/** Finds the session that a token names, if it has not ended. Does not count as activity. */
export type FindLive = (token: string, freshness: Freshness, how?: How) => Promise<Found | NoSession>;

export function createFindLive(findSession: FindSession): FindLive {
	return async (token, freshness, how) => {
		const found = await findSession(token, freshness, how);
		if (found.kind !== 'found') return found;
		const refusal = refusalOfLife(lifeOf(found.session, found.at.wallMs));
		return refusal === undefined ? found : { kind: 'refused', code: refusal, evidence: found.evidence };
	};
}
