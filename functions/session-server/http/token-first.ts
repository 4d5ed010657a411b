import type { ApiContext } from './context.ts';
import type { ApiRequest } from './exchange.ts';
import { type Outcome, refusal, tokenRefused } from './outcome.ts';
import type { ProblemCode } from './problem.ts';
import { presentedToken } from './session-token.ts';

/** Problems with what a request asks for, found without looking at its session. */
const aboutInput: ReadonlySet<ProblemCode | undefined> = new Set<ProblemCode>([
	'request_malformed',
	'body_too_large',
	'method_not_allowed',
	'service_unknown',
]);

/**
 * Puts a problem with the token before a problem with the input. Otherwise clients without a
 * session could find out which services and attributes there are. A well-formed request does not
 * come here, so its token is verified only once.
 */
export async function tokenFirst(
	{ server, settings }: ApiContext,
	request: ApiRequest,
	outcome: Outcome,
): Promise<Outcome> {
	if (!aboutInput.has(outcome.refused)) return outcome;
	const token = presentedToken(request, settings);
	if (token.kind === 'refused') return tokenRefused(token);
	const wrong = await server.verify(token.text);
	return wrong === undefined ? outcome : refusal(wrong);
}
