import type { ApiRequest, ApiResponse } from './exchange.ts';
import { isUnsafe, provesSameOrigin, sameOriginExpected } from './same-origin.ts';

/**
 * With the `__Host-` prefix, browsers accept only a cookie that is Secure, host-only and for every
 * path (RFC 6265bis).
 */
export const cookieName = '__Host-session';

/** A session token that a request may use. */
export interface PresentedToken {
	readonly kind: 'presented';
	readonly text: string;
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
): PresentedToken | TokenRefused {
	const bearer = bearerToken(request);
	if (bearer !== undefined) return { kind: 'presented', text: bearer };
	if (/^bearer +[^\s]/i.test(request.headers['authorization'] ?? ''))
		return { kind: 'refused', code: 'session_malformed' };
	const [text, ...others] = sessionCookies(request);
	if (text === undefined) return { kind: 'refused', code: 'session_missing' };
	if (isUnsafe(request) && !provesSameOrigin(request))
		return { kind: 'refused', code: 'cross_origin_refused', expected: sameOriginExpected };
	return others.length > 0 ? { kind: 'refused', code: 'session_malformed' } : { kind: 'presented', text };
}

/**
 * The different values of the request's session cookies. An empty one counts only if there is no
 * other.
 */
function sessionCookies({ cookies }: Pick<ApiRequest, 'cookies'>): readonly string[] {
	const values = cookies
		.filter((pair) => pair.includes('=') && pair.slice(0, pair.indexOf('=')).trim() === cookieName)
		.map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
	const different = [...new Set(values)];
	return different.length > 1 ? different.filter((value) => value !== '') : different;
}

/**
 * Makes the browser delete the cookie, if it has this token. A client with a bearer token may have
 * the cookie of another session.
 */
export function clearCookieOf(token: string, request: Pick<ApiRequest, 'cookies'>, response: ApiResponse): ApiResponse {
	const [value, ...others] = sessionCookies(request);
	return value === token && others.length === 0 ? { ...response, cookies: [clearedCookie] } : response;
}

/**
 * Whether a browser may take this cookie, from a `cookie` or a `set-cookie` header, for the session
 * cookie. Browsers trim names (RFC 6265 section 5.2). They send a cookie without a name as its
 * value alone, which may look like another cookie.
 */
export function isSessionCookie(cookie: string): boolean {
	const [pair = ''] = cookie.split(';', 1);
	const name = pair.slice(0, Math.max(0, pair.indexOf('='))).trim();
	return name === cookieName || (name === '' && pair.includes(cookieName));
}

/**
 * The bearer token of a request (RFC 6750 section 2.1). The scheme is case-insensitive (RFC 9110
 * section 11.1).
 */
export function bearerToken(request: Pick<ApiRequest, 'headers'>): string | undefined {
	return /^bearer +(\S+) *$/i.exec(request.headers['authorization'] ?? '')?.[1];
}

/**
 * @param maxAgeSeconds the lifetime of the cookie. Without it, the browser deletes the cookie when
 * it closes.
 */
export function tokenCookie(token: string, maxAgeSeconds?: number): string {
	const attributes = 'Secure; HttpOnly; Path=/; SameSite=Lax';
	return `${cookieName}=${token}; ${attributes}${maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`}`;
}

/** Makes the browser delete the cookie. */
export const clearedCookie = tokenCookie('', 0);
