import type { Session } from '../../../session/session.ts';
import type { CookieSettings } from '../../deployment/browser-settings.ts';
import { identityHeaders, isIdentityHeader } from '../authorize.ts';
import { isLoginCookie } from '../browser/login-cookies.ts';
import type { ApiRequest } from '../exchange.ts';
import { isSessionCookie } from '../session-cookie.ts';

/** Headers about one connection: those of RFC 9110 section 7.6.1 and of RFC 2616. */
export const hopByHop = new Set([
	'connection',
	'keep-alive',
	'proxy-authenticate',
	'proxy-authorization',
	'proxy-connection',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade',
]);

/**
 * Headers that the service must not get from the client:
 *
 * - With the session token in `authorization`, the service could do all that the client can.
 * - `leasehold-copy` says more about the session than the identity headers do.
 * - `forwarded` and the headers like it are for the session server to set.
 * - `proxy` becomes the variable HTTP_PROXY of a CGI program (httpoxy, CVE-2016-5385).
 * - With another method or path in a header, the service would do something else than what the
 *   session server decided about.
 */
const withheld = new Set([
	'authorization',
	'content-length',
	'cookie',
	'expect',
	'forwarded',
	'host',
	'leasehold-copy',
	'proxy',
	'x-forwarded-host',
	'x-forwarded-method',
	'x-forwarded-prefix',
	'x-forwarded-uri',
	'x-http-method',
	'x-http-method-override',
	'x-method-override',
	'x-original-method',
	'x-original-uri',
	'x-original-url',
	'x-rewrite-url',
]);

/**
 * The URL of a request at its service. API Gateway has decoded the path once, so characters that a
 * URL cannot have are encoded again, and no others.
 *
 * @param path the rest of the path after the service's name
 * @returns `malformed` if the path would lead outside the service's base URL
 */
export function forwardedUrl(base: URL, path: string, query: string): URL | 'malformed' {
	if (path.split(/\/|\\|%2f|%5c/i).some(isDotSegment)) return 'malformed';
	const prefix = base.pathname.replace(/\/$/, '');
	const encoded = path
		.toWellFormed()
		.replace(/%(?![0-9a-f]{2})/gi, '%25')
		.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/gu, encodeURIComponent);
	const search = query === '' ? '' : `?${query.replaceAll('#', '%23')}`;
	const url = URL.parse(`${base.origin}${prefix}${encoded}${search}`);
	return url?.origin === base.origin && url.pathname.startsWith(prefix) ? url : 'malformed';
}

/**
 * Some servers also decode such segments, or ignore their parameters (RFC 3986 sections 3.3,
 * 6.2.2.3).
 */
function isDotSegment(segment: string): boolean {
	return /^(\.|%2e){1,2}(;|%3b|$)/i.test(segment);
}

/**
 * The headers of a request at its service: those of the client without those about its connection
 * and its session, and the identity headers.
 */
export function forwardedHeaders(
	request: ApiRequest,
	prefix: string,
	session: Session,
	cookie: CookieSettings,
): Record<string, string> {
	const named = (request.headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase());
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(request.headers)) {
		// Services may read other characters as hyphens, as `isIdentityHeader` says.
		const meant = name.replace(/[\W_]/g, '-');
		if (value === undefined || hopByHop.has(meant) || withheld.has(meant) || named.includes(name)) continue;
		if (!isIdentityHeader(name) && canBeSent(name, value)) headers[name] = value;
	}
	const isForService = (pair: string) =>
		!isSessionCookie(cookie, pair) && !isLoginCookie(pair) && canBeSent('cookie', pair);
	const cookies = request.cookies.filter(isForService).join('; ');
	const host = request.headers['host'];
	return {
		...headers,
		...(cookies === '' ? {} : { cookie: cookies }),
		...(host !== undefined && canBeSent('host', host) ? { 'x-forwarded-host': host } : {}),
		'x-forwarded-prefix': prefix,
		...identityHeaders(session),
	};
}

/** An event may hold headers that no HTTP message can have (RFC 9110 section 5.5). */
function canBeSent(name: string, value: string): boolean {
	return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
