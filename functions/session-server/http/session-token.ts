import type { BrowserSettings } from '../deployment/browser-settings.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';
import { isUnsafe, originExpected, provesOrigin } from './origins/same-origin.ts';
import { carriable, clearedCookies, cookieTokens, copyCookie, copyIn } from './session-cookie.ts';

/** A session token that a request may use. */
export interface PresentedToken {
	readonly kind: 'presented';
	readonly text: string;
	/** The copy that the client carries beside the token. Nobody has looked whether it fits. */
	readonly carried?: string;
}

/** The request has no token that it may use. The codes are codes of problems. */
export interface TokenRefused {
	readonly kind: 'refused';
	readonly code: 'session_missing' | 'session_malformed' | 'cross_origin_refused';
	/** The missing proof, for the problem's `expected`. */
	readonly expected?: string;
}

/**
 * Finds the token of a request. A bearer token takes precedence, because only the client's own code
 * can send it. A browser sends the cookie with every request, even with one that another site
 * caused, so a change needs proof of its origin. The API and the authorizer call this before they
 * decide or record anything.
 *
 * A request with several different tokens has none: which one the user meant is unknown. Another
 * host of the same site can plant a cookie without a name, which some browsers send as this one.
 */
export function presentedToken(
	request: Pick<ApiRequest, 'method' | 'headers' | 'cookies'>,
	{ cookie, origins }: BrowserSettings,
): PresentedToken | TokenRefused {
	const bearer = bearerToken(request);
	if (bearer !== undefined) return presented(bearer, request.headers[copyHeader]);
	if (/^bearer +[^\s]/i.test(request.headers['authorization'] ?? ''))
		return { kind: 'refused', code: 'session_malformed' };
	const [text, ...others] = cookieTokens(cookie, request);
	if (text === undefined) return { kind: 'refused', code: 'session_missing' };
	if (isUnsafe(request) && !provesOrigin(request, origins))
		return { kind: 'refused', code: 'cross_origin_refused', expected: originExpected };
	if (others.length > 0) return { kind: 'refused', code: 'session_malformed' };
	return presented(text, copyIn(cookie, request));
}

/** The header in which API clients carry a copy, beside a bearer token. */
export const copyHeader = 'leasehold-copy';

function presented(text: string, copy: string | undefined): PresentedToken {
	const carried = carriable(copy);
	return carried === undefined ? { kind: 'presented', text } : { kind: 'presented', text, carried };
}

/** Gives the client a new copy to carry, in the way in which it carries the token. */
export function withCopy(
	carried: string | undefined,
	way: 'cookie' | 'header',
	{ cookie }: Pick<BrowserSettings, 'cookie'>,
	response: ApiResponse,
): ApiResponse {
	const copy = carriable(carried);
	if (copy === undefined) return response;
	if (way === 'header') return { ...response, headers: { ...response.headers, [copyHeader]: copy } };
	return { ...response, cookies: [...(response.cookies ?? []), copyCookie(cookie, copy)] };
}

/**
 * Makes the browser delete the cookie, if it has this token. A client with a bearer token may have
 * the cookie of another session.
 */
export function clearCookieOf(
	token: string,
	request: Pick<ApiRequest, 'cookies'>,
	{ cookie }: Pick<BrowserSettings, 'cookie'>,
	response: ApiResponse,
): ApiResponse {
	const [value, ...others] = cookieTokens(cookie, request);
	if (value !== token || others.length > 0) return response;
	return { ...response, cookies: clearedCookies(cookie, request) };
}

/**
 * The bearer token of a request (RFC 6750 section 2.1). The scheme is case-insensitive (RFC 9110
 * section 11.1).
 */
export function bearerToken(request: Pick<ApiRequest, 'headers'>): string | undefined {
	return /^bearer +(\S+) *$/i.exec(request.headers['authorization'] ?? '')?.[1];
}
