import type { Session } from '../../../session/session.ts';
import { identityHeaders, isIdentityHeader } from '../authorize.ts';
import type { ApiRequest } from '../exchange.ts';
import { isSessionCookie } from '../session-token.ts';

/** RFC 9110 section 7.6.1, with those that RFC 2616 named. They are about one connection. */
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
 * What the service must not get, or not from the client. `authorization` may be the session token, with which the service
 * could do all that the client can. `forwarded` and its like are statements of ours.
 */
const withheld = new Set([
	'authorization',
	'content-length',
	'cookie',
	'expect',
	'forwarded',
	'host',
	'x-forwarded-host',
	'x-forwarded-prefix',
]);

/**
 * The URL at the service. `path` is what comes after the service's name. API Gateway decodes it once, so what cannot be in a
 * URL as it is gets encoded again, and nothing else. `malformed`: the path would lead out of the service's own.
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

/** As servers take them: encoded ones too, and those with parameters (RFC 3986 sections 3.3 and 6.2.2.3). */
function isDotSegment(segment: string): boolean {
	return /^(\.|%2e){1,2}(;|%3b|$)/i.test(segment);
}

/** The headers at the service: the client's, without what is about its connection or its session, and who it is. */
export function forwardedHeaders(request: ApiRequest, prefix: string, session: Session): Record<string, string> {
	const named = (request.headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase());
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(request.headers)) {
		// As in `isIdentityHeader`.
		const meant = name.replace(/[\W_]/g, '-');
		if (value === undefined || hopByHop.has(meant) || withheld.has(meant) || named.includes(name)) continue;
		if (!isIdentityHeader(name) && canBeSent(name, value)) headers[name] = value;
	}
	const cookies = request.cookies.filter((pair) => !isSessionCookie(pair)).join('; ');
	const host = request.headers['host'];
	return {
		...headers,
		...(cookies !== '' && canBeSent('cookie', cookies) ? { cookie: cookies } : {}),
		...(host !== undefined && canBeSent('host', host) ? { 'x-forwarded-host': host } : {}),
		'x-forwarded-prefix': prefix,
		...identityHeaders(session),
	};
}

/** RFC 9110 section 5.5; an event may hold what no HTTP message can. */
function canBeSent(name: string, value: string): boolean {
	return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
