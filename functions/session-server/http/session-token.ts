import type { ApiRequest } from './exchange.ts';
import { isUnsafe, provesSameOrigin } from './same-origin.ts';

/** The `__Host-` prefix makes browsers refuse the cookie unless it is Secure, host-only and for every path (RFC 6265bis). */
export const cookieName = '__Host-session';

/** A session token that a request may use. */
export interface PresentedToken {
	readonly kind: 'presented';
	readonly text: string;
}

/** Why a request has no token that it may use. Both are codes of problems. */
export interface TokenRefused {
	readonly kind: 'refused';
	readonly code: 'session_missing' | 'cross_origin_refused';
}

/**
 * The token of a request. A bearer token wins, since only the client's own code can have sent it. A
 * cookie is sent by the browser, whoever caused the request, so a change needs proof of its origin.
 * Every door asks this before anything is decided or recorded.
 */
export function presentedToken(
	request: Pick<ApiRequest, 'method' | 'headers' | 'cookies'>,
): PresentedToken | TokenRefused {
	const bearer = bearerToken(request);
	if (bearer !== undefined) return { kind: 'presented', text: bearer };
	const prefix = `${cookieName}=`;
	const cookie = request.cookies.find((pair) => pair.startsWith(prefix));
	if (cookie === undefined) return { kind: 'refused', code: 'session_missing' };
	if (isUnsafe(request) && !provesSameOrigin(request)) return { kind: 'refused', code: 'cross_origin_refused' };
	return { kind: 'presented', text: cookie.slice(prefix.length) };
}

/**
 * Whether a cookie, as a client or a service has it, is the session's. Browsers trim names (RFC 6265 section 5.2), and send a
 * cookie without a name as its value alone, which may look like another cookie.
 */
export function isSessionCookie(cookie: string): boolean {
	const [pair = ''] = cookie.split(';', 1);
	const name = pair.slice(0, Math.max(0, pair.indexOf('='))).trim();
	return name === cookieName || (name === '' && pair.includes(cookieName));
}

/** RFC 6750 section 2.1; the scheme's name is case-insensitive (RFC 9110 section 11.1). */
export function bearerToken(request: Pick<ApiRequest, 'headers'>): string | undefined {
	return /^bearer +(\S+) *$/i.exec(request.headers['authorization'] ?? '')?.[1];
}

/** `maxAgeSeconds` makes the cookie outlive the browser; without it, the cookie ends with the browser. */
export function tokenCookie(token: string, maxAgeSeconds?: number): string {
	const attributes = 'Secure; HttpOnly; Path=/; SameSite=Lax';
	return `${cookieName}=${token}; ${attributes}${maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`}`;
}

/** Makes the browser forget the cookie. */
export const clearedCookie = tokenCookie('', 0);
