import type { Session } from '../../session/session.ts';
import { type Decision, measureDecision } from '../operations/authorize.ts';
import type { ApiContext } from './context.ts';
import { type ApiRequest, emptyResponse } from './exchange.ts';
import { malformed, type Outcome, problem, refusal, tokenRefused } from './outcome.ts';
import { presentedToken } from './session-token.ts';

/** `GET /v1/authorize?service=NAME`: decides, and answers with the identity in headers. */
export async function authorize(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const [service, ...others] = request.query.getAll('service');
	if (service === undefined || others.length > 0) return malformed('service', 'the name of exactly one service');
	const decided = await decideAbout(context, request, service);
	if (decided.kind === 'answered') return decided.outcome;
	const { session, evidence } = decided;
	return { response: emptyResponse(204, identityHeaders(session)), evidence, fields: { service } };
}

/**
 * Decides whether a request may use a service. Returns the decision if it may, and otherwise the
 * answer. A service that does not exist is a 404 for every client. A request without a token that
 * it may use is refused before the session server is asked.
 */
export async function decideAbout(
	{ server, metrics, settings }: Pick<ApiContext, 'server' | 'metrics' | 'settings'>,
	request: ApiRequest,
	service: string,
): Promise<Extract<Decision, { kind: 'allowed' }> | { readonly kind: 'answered'; readonly outcome: Outcome }> {
	const token = settings.catalog.has(service) ? presentedToken(request) : undefined;
	if (token?.kind === 'refused') {
		measureDecision(metrics, token);
		return { kind: 'answered', outcome: tokenRefused(token) };
	}
	const decision: Decision =
		token === undefined ? { kind: 'unknown-service' } : await server.authorize(token.text, service);
	measureDecision(metrics, decision);
	if (decision.kind === 'allowed') return decision;
	if (decision.kind === 'unknown-service') return { kind: 'answered', outcome: problem('service_unknown') };
	const { fields, ...outcome } = refusal(decision);
	return { kind: 'answered', outcome: { ...outcome, fields: { ...fields, service } } };
}

/**
 * The identity of the client as headers. Subject and scopes are percent-encoded, because scopes may
 * have any visible character.
 */
export function identityHeaders(session: Session): Readonly<Record<string, string>> {
	return {
		'x-session-subject': encodeURIComponent(session.subject),
		'x-session-handle': session.id,
		'x-session-assurance': String(session.credential.assuranceLevel),
		'x-session-scopes': session.credential.scopes.map(encodeURIComponent).join(' '),
	};
}

/**
 * Whether a service could take a header for one of the identity headers. Every character that is
 * not a letter or a digit counts as a hyphen. CGI and WSGI give programs names with hyphens and
 * names with underscores as the same variable, PHP also names with dots, and some servers all of
 * these.
 */
export function isIdentityHeader(name: string): boolean {
	return /^x[\W_]session([\W_]|$)/i.test(name);
}
