import type { Session } from '../../session/session.ts';
import { type Decision, measureDecision } from '../operations/authorize.ts';
import type { ApiContext } from './context.ts';
import { type ApiRequest, emptyResponse } from './exchange.ts';
import { isUnsafe } from './origins/same-origin.ts';
import { malformed, type Outcome, problem, refusal, tokenRefused } from './outcome.ts';
import { presentedToken } from './session-token.ts';

/**
 * `/v1/authorize?service=NAME` and `/v1/authorize/NAME/…`, with any method: decides, and answers
 * with the identity in headers.
 */
export async function authorize(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const service = serviceIn(request);
	if (service === undefined) return malformed('service', 'the name of exactly one service');
	const decided = await decideAbout(context, { ...request, method: originalMethod(request) }, service);
	if (decided.kind === 'answered') return decided.outcome;
	const { session, evidence, carried } = decided;
	const response = emptyResponse(204, identityHeaders(session));
	return { response, evidence, carried, live: session, fields: { service } };
}

/**
 * With a name in the path, the proxy may have appended the path and the query of the original
 * request, so the query says nothing.
 */
function serviceIn({ path, query }: ApiRequest): string | undefined {
	const [, , , name] = path.split('/');
	if (name !== undefined) return name === '' ? undefined : name;
	const [service, ...others] = query.getAll('service');
	return others.length > 0 ? undefined : service;
}

/**
 * The method of the request about which a proxy asks. The proxy repeats it, or names it in a
 * header. The client may have set a header, too, so an unsafe method in any place counts.
 */
function originalMethod({ method, headers }: ApiRequest): string {
	const named = [headers['x-forwarded-method'], headers['x-original-method']];
	return named.find((other) => other !== undefined && isUnsafe({ method: other })) ?? method;
}

/**
 * Decides whether a request may use a service. Returns the decision if it may, and otherwise the
 * answer. A request without a token that it may use is refused before the session server is asked.
 */
export async function decideAbout(
	{ server, metrics, settings }: Pick<ApiContext, 'server' | 'metrics' | 'settings'>,
	request: ApiRequest,
	service: string,
): Promise<Extract<Decision, { kind: 'allowed' }> | { readonly kind: 'answered'; readonly outcome: Outcome }> {
	const token = presentedToken(request, settings);
	if (token.kind === 'refused') {
		measureDecision(metrics, token);
		return { kind: 'answered', outcome: tokenRefused(token) };
	}
	const decision: Decision = await server.authorize(token.text, service, token.carried);
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
		'x-session-scopes': session.credential.scopes.map(encodeURIComponent).join(' ') || noScopes,
	};
}

/**
 * The scopes of a session that has none. Some proxies let the client's own header through in place
 * of an empty one (Caddy, GHSA-7r4p-vjf4-gxv4). No scope may have a quote (RFC 6749 section 3.3).
 */
export const noScopes = '""';

/**
 * Whether a service could take a header for one of the identity headers. Every character that is
 * not a letter or a digit counts as a hyphen. CGI and WSGI give programs names with hyphens and
 * names with underscores as the same variable, PHP also names with dots, and some servers all of
 * these.
 */
export function isIdentityHeader(name: string): boolean {
	return /^x[\W_]session([\W_]|$)/i.test(name);
}
