import type { ServiceAnswer, ServiceFailure } from '../../../system/http-client.ts';
import type { CookieSettings } from '../../deployment/browser-settings.ts';
import { isIdentityHeader } from '../authorize.ts';
import { isLoginCookie } from '../browser/login-cookies.ts';
import { type ApiResponse, browserRules } from '../exchange.ts';
import { isSessionCookie } from '../session-cookie.ts';
import { hopByHop } from './request.ts';

/**
 * The answer of a service as the client gets it. A service cannot set or clear the session cookie,
 * or that of the carried copy. It cannot set the cookie of a login either, or it could log the
 * client in as somebody else. It cannot send identity headers in the name of the session server.
 */
export function forwardedResponse(
	answer: ServiceAnswer | ServiceFailure,
	cookie: CookieSettings,
): { readonly kind: 'response'; readonly response: ApiResponse } | ServiceFailure {
	if (answer.kind === 'failed') return answer;
	const { status, body } = answer;
	if (status < 200 || status > 599) return { kind: 'failed', reason: 'unreachable' };
	const { headers, cookies } = readHeaders(answer.headers, cookie);
	const response = {
		status,
		// An answer may be about one person, so by default no cache may keep it.
		headers: { 'cache-control': 'no-store', ...browserRules, ...headers },
		...(cookies.length > 0 ? { cookies } : {}),
		...(body.length > 0 ? { bodyBytes: body } : {}),
	};
	return { kind: 'response', response };
}

/**
 * Headers with which a service would speak for the whole origin, of which it is only a part:
 *
 * - `clear-site-data` deletes the session cookie, and the data of all other services.
 * - `access-control-…` lets pages of other origins read. The setting `origins` decides about that.
 * - `service-worker-allowed` gives a script of the service every request to the origin.
 * - `leasehold-copy` replaces the copy that a client carries.
 * - `alt-svc` sends requests elsewhere. `nel` and `report-to` send reports about all of them.
 */
const withheld =
	/^(access-control-.*|alt-svc|clear-site-data|content-length|leasehold-copy|nel|report-to|service-worker-allowed)$/;

function readHeaders(
	list: ServiceAnswer['headers'],
	cookie: CookieSettings,
): { headers: Record<string, string>; cookies: string[] } {
	const connection = list.filter(([name]) => name.toLowerCase() === 'connection').map(([, value]) => value);
	const named = connection
		.join(',')
		.split(',')
		.map((name) => name.trim().toLowerCase());
	const headers: Record<string, string> = {};
	const cookies: string[] = [];
	for (const [spelled, value] of list) {
		const name = spelled.toLowerCase();
		if (name === 'set-cookie') {
			if (!isSessionCookie(cookie, value) && !isLoginCookie(value)) cookies.push(value);
		} else if (!hopByHop.has(name) && !named.includes(name) && !withheld.test(name) && !isIdentityHeader(name)) {
			headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
		}
	}
	return { headers, cookies };
}
