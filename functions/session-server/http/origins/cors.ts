import { type ApiRequest, type ApiResponse, browserRules, emptyResponse } from '../exchange.ts';
import { type Outcome, problem } from '../outcome.ts';

/**
 * The answer to a preflight (Fetch standard, CORS-preflight fetch), or undefined if a request with
 * the method `OPTIONS` is none. It comes before routing, token and limits, because a preflight has
 * no credentials.
 *
 * A page of another origin gets a problem, so that its author sees in the browser's tools what is
 * wrong. The browser refuses either way.
 *
 * A service never sees a preflight. `/v1/authorize` is not preflighted: there, a proxy asks about a
 * request, and a success would let it pass without a session.
 */
export function preflightAnswer(
	request: Pick<ApiRequest, 'path' | 'headers'>,
	origins: ReadonlySet<string>,
): Outcome | undefined {
	const { path, headers } = request;
	if (headers['origin'] === undefined) return undefined;
	if (headers['access-control-request-method'] === undefined || /^\/v1\/authorize(\/|$)/.test(path)) return undefined;
	if (!origins.has(headers['origin'])) return problem('origin_refused');
	const wanted = headers['access-control-request-headers'];
	const response = emptyResponse(204, {
		'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
		// Services may take any header. A listed origin may send them all.
		...(wanted !== undefined && fieldNames.test(wanted) ? { 'access-control-allow-headers': wanted } : {}),
		'access-control-max-age': preflightMaxAgeSeconds,
	});
	return { response };
}

/** A list of field names (RFC 9110 section 5.1). It is repeated in the answer. */
const fieldNames = /^[!#$%&'*+\-.^_`|~0-9A-Za-z, ]{1,1000}$/;

/** In seconds. A page may send requests for this long after its origin was removed. */
const preflightMaxAgeSeconds = '600';

/**
 * Lets pages of listed origins read an answer, with its headers. Without CORS, browsers let no page
 * of another origin read it. Every answer depends on `Origin`.
 */
export function withCors(
	request: Pick<ApiRequest, 'headers'>,
	origins: ReadonlySet<string>,
	response: ApiResponse,
): ApiResponse {
	const { origin } = request.headers;
	const headers = { ...response.headers, vary: varyBy(response.headers['vary']) };
	if (origin === undefined || !origins.has(origin)) return { ...response, headers };
	const exposed = Object.keys(response.headers).filter((name) => !isKnownToPages(name));
	return {
		...response,
		headers: {
			...headers,
			'access-control-allow-origin': origin,
			'access-control-allow-credentials': 'true',
			...(exposed.length > 0 ? { 'access-control-expose-headers': exposed.join(', ') } : {}),
		},
	};
}

function varyBy(others: string | undefined): string {
	if (others === undefined || others === '') return 'Origin';
	return /(^|,)\s*(\*|origin)\s*(,|$)/i.test(others) ? others : `${others}, Origin`;
}

/** Headers that every page may read anyway (Fetch standard), or that only browsers use. */
const notExposed = new Set([
	'cache-control',
	'content-language',
	'content-length',
	'content-type',
	'expires',
	'last-modified',
	'pragma',
	'content-security-policy',
	'cross-origin-resource-policy',
	'referrer-policy',
	'vary',
	...Object.keys(browserRules),
]);

function isKnownToPages(name: string): boolean {
	return notExposed.has(name) || name.startsWith('access-control-');
}
