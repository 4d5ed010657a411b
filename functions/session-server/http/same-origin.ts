import type { ApiRequest } from './exchange.ts';

/** Whether a request may change something (RFC 9110 section 9.2.1). */
export function isUnsafe({ method }: Pick<ApiRequest, 'method'>): boolean {
	return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

/**
 * Whether a page of the API's own origin, or a script that it allows, sent the request (OWASP
 * Cross-Site Request Forgery Prevention Cheat Sheet). A form cannot set `x-requested-with`, and a
 * script of another origin cannot set it without a preflight, which the API does not answer.
 *
 * API Gateway sets `x-forwarded-proto` to `https`, whatever the client sent. So a page that was
 * loaded without TLS, which anyone on the network path can change, never has the same origin. The
 * local region sets it to `http`.
 */
export function provesSameOrigin({ headers }: Pick<ApiRequest, 'headers'>): boolean {
	if (headers['x-requested-with'] !== undefined) return true;
	if (headers['sec-fetch-site'] !== undefined) return headers['sec-fetch-site'] === 'same-origin';
	const { origin, host } = headers;
	return host !== undefined && origin === `${headers['x-forwarded-proto'] ?? 'https'}://${host}`;
}

/** The possible proofs, in words for clients. */
export const sameOriginExpected = 'the header x-requested-with, or a request of the same origin';
