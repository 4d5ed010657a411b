import type { ApiRequest } from './exchange.ts';

/** The `__Host-` prefix makes browsers refuse the cookie unless it is Secure, host-only and for every path (RFC 6265bis). */
export const cookieName = '__Host-session';

/** A session token, and how it came. */
export interface PresentedToken {
	readonly text: string;
	readonly by: 'bearer' | 'cookie';
}

/** The token of a request. A bearer token wins, since nothing but the client's own code can have sent it. */
export function presentedToken(request: Pick<ApiRequest, 'headers' | 'cookies'>): PresentedToken | undefined {
	const bearer = bearerToken(request);
	if (bearer !== undefined) return { text: bearer, by: 'bearer' };
	const prefix = `${cookieName}=`;
	const cookie = request.cookies.find((pair) => pair.startsWith(prefix));
	return cookie === undefined ? undefined : { text: cookie.slice(prefix.length), by: 'cookie' };
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

/** Whether a request may change something (RFC 9110 section 9.2.1). */
export function isUnsafe({ method }: Pick<ApiRequest, 'method'>): boolean {
	return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

/**
 * Whether a cookie may authorise a change that this request asks for: only with a sign that a script of ours, or a page of
 * the same origin, sent it (OWASP Cross-Site Request Forgery Prevention Cheat Sheet). A form cannot set the header.
 *
 * API Gateway says `https` in `x-forwarded-proto`, whatever the client said, so that a page without TLS, which anyone on its
 * way can write, is never of our origin. The local region says `http`.
 */
export function isSameSite(request: Pick<ApiRequest, 'headers'>): boolean {
	const { headers } = request;
	if (headers['x-requested-with'] !== undefined) return true;
	if (headers['sec-fetch-site'] !== undefined) return headers['sec-fetch-site'] === 'same-origin';
	const { origin, host } = headers;
	return host !== undefined && origin === `${headers['x-forwarded-proto'] ?? 'https'}://${host}`;
}
