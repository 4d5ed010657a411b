import type { BrowserSettings } from '../deployment/browser-settings.ts';
import type { ApiRequest } from './exchange.ts';
import type { Outcome } from './outcome.ts';
import type { ProblemCode } from './problem.ts';
import { clearCookieOf, presentedToken } from './session-token.ts';

/** The refusals after which no request with the same token will ever be let in. */
const dead: ReadonlySet<ProblemCode | undefined> = new Set<ProblemCode>([
	'session_malformed',
	'session_unknown',
	'session_revoked',
	'session_expired_idle',
	'session_expired_absolute',
]);

/** Makes the browser delete a cookie whose token is dead. */
export function clearDeadCookie(settings: BrowserSettings, request: ApiRequest, outcome: Outcome): Outcome {
	if (!dead.has(outcome.refused)) return outcome;
	const token = presentedToken(request, settings);
	if (token.kind === 'refused') return outcome;
	return { ...outcome, response: clearCookieOf(token.text, request, settings, outcome.response) };
}
