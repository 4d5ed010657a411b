import type { ServiceRule } from '../../functions/access/service-catalog.ts';
import { type ClientSession, userScope } from './clients.ts';

/**
 * The status that `GET /v1/authorize` must answer for a live session, according to the service's
 * rule. It does not use the session server's own decision, which the drills put to the test.
 */
export function expectedStatus(rule: ServiceRule, { assuranceLevel }: ClientSession): 204 | 403 {
	const { allScopes = [], anyScope, minAssurance = 1 } = rule;
	const hasScopes = allScopes.every((scope) => scope === userScope) && (anyScope?.includes(userScope) ?? true);
	return hasScopes && assuranceLevel >= minAssurance ? 204 : 403;
}
