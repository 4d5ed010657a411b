import type { BrowserSettings } from '../deployment/browser-settings.ts';
import { noScopes } from '../http/authorize.ts';
import type { ApiRequest } from '../http/exchange.ts';
import { presentedToken } from '../http/session-token.ts';
import type { Decision } from '../operations/authorize.ts';
import type { DecidingServer } from '../session-server.ts';

/** The answer of an authorizer: a simple response of HTTP APIs (payload 2.0). */
export interface AuthorizerResult {
	readonly isAuthorized: boolean;
	/** The identity if the request is allowed. Otherwise `code`, the reason, for access logs. */
	readonly context: Readonly<Record<string, string | number>>;
}

/** The outcome for one request. `reason` is for the log. */
export type Authorized =
	| { readonly kind: 'decided'; readonly result: AuthorizerResult; readonly decision?: Decision }
	| { readonly kind: 'unavailable'; readonly reason: string; readonly decision: Decision };

/**
 * Decides about a request for a route of an HTTP API, as `GET /v1/authorize` does.
 *
 * @param service undefined if no service of the catalog has the route
 */
export async function authorizeRoute(
	server: Pick<DecidingServer, 'authorize'>,
	service: string | undefined,
	request: Pick<ApiRequest, 'method' | 'headers' | 'cookies'>,
	browsers: BrowserSettings,
): Promise<Authorized> {
	if (service === undefined) return denied('service_unknown');
	const token = presentedToken(request, browsers);
	if (token.kind === 'refused') return denied(token.code);
	const decision = await server.authorize(token.text, service, token.carried);
	switch (decision.kind) {
		case 'allowed':
			return { kind: 'decided', decision, result: { isAuthorized: true, context: identityOf(decision) } };
		case 'refused':
			return { ...denied(decision.code), decision };
		case 'unknown-service':
			return { ...denied('service_unknown'), decision };
		case 'limited':
			// An authorizer of an HTTP API cannot choose the status. If it failed, one client could cause
			// the errors and the alarm of an outage.
			return { ...denied('too_many_requests'), decision };
		case 'unavailable':
			return { kind: 'unavailable', reason: decision.reason, decision };
	}
}

function denied(code: string) {
	return { kind: 'decided', result: { isAuthorized: false, context: { code } } } as const;
}

/** The values are plain, because integrations get them as JSON and parameter mappings as text. */
function identityOf({ session }: Extract<Decision, { kind: 'allowed' }>): AuthorizerResult['context'] {
	return {
		subject: session.subject,
		handle: session.id,
		assuranceLevel: session.credential.assuranceLevel,
		scopes: session.credential.scopes.join(' ') || noScopes,
	};
}
