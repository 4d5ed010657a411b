import type { ApiRequest } from '../exchange.ts';

/** Whether a request may change something (RFC 9110 section 9.2.1). */
export function isUnsafe({ method }: Pick<ApiRequest, 'method'>): boolean {
	return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

/**
 * Whether a page of the API's own origin or of a listed one, or a script that these allow, sent the
 * request (OWASP Cross-Site Request Forgery Prevention Cheat Sheet). A form cannot set
 * `x-requested-with`. A script of another origin cannot set it without a preflight, which the API
 * allows to listed origins only. No page can choose its `Origin`.
 *
 * API Gateway sets `x-forwarded-proto` to `https`, whatever the client sent. So a page that was
 * loaded without TLS, which anyone on the network path can change, never has the same origin. The
 * local region sets it to `http`.
 */
export function provesOrigin({ headers }: Pick<ApiRequest, 'headers'>, origins: ReadonlySet<string>): boolean {
	const { origin, host } = headers;
	if (headers['x-requested-with'] !== undefined) return true;
	if (origin !== undefined && origins.has(origin)) return true;
	if (headers['sec-fetch-site'] !== undefined) return headers['sec-fetch-site'] === 'same-origin';
	return host !== undefined && origin === `${headers['x-forwarded-proto'] ?? 'https'}://${host}`;
}

/** The possible proofs, in words for clients. */
export const originExpected = 'the header x-requested-with, or a request of the same origin or a configured one';
