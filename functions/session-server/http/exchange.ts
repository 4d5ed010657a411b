import type {
	APIGatewayProxyEventV2,
	APIGatewayProxyStructuredResultV2,
	APIGatewayRequestAuthorizerEventV2,
} from 'aws-lambda';

/** A request to the API, independent of the event that carried it. */
export interface ApiRequest {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	/** Keyed by the name in lowercase. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	/** Each as `name=value`. */
	readonly cookies: readonly string[];
	/** The query string before it was decoded, to be forwarded unchanged. */
	readonly rawQuery?: string;
	/** The bytes that the client sent. Empty if there is no body. */
	readonly body: Uint8Array;
	/** The address from which API Gateway got the request. */
	readonly sourceAddress?: string;
	/** Milliseconds until the function is ended. Absent where there is no limit. */
	readonly leftMs?: () => number;
}

export interface ApiResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly cookies?: readonly string[];
	readonly body?: string;
	/** The body in place of `body`, if it may not be text. */
	readonly bodyBytes?: Uint8Array;
}

/**
 * For browsers: use TLS for two years, and believe the content type (OWASP ASVS 5.0, 3.4.1, 3.4.4).
 */
export const browserRules = {
	'strict-transport-security': 'max-age=63072000; includeSubDomains',
	'x-content-type-options': 'nosniff',
} as const;

/**
 * The headers of every answer of the API itself. No cache may keep one (OWASP Session Management
 * Cheat Sheet, web content caching). No page may frame or embed one, and one that a browser shows
 * as a page can load nothing (ASVS 3.4.3, 3.4.5, 3.4.6).
 */
const always = {
	'cache-control': 'no-store',
	...browserRules,
	'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
	'cross-origin-resource-policy': 'same-origin',
	'referrer-policy': 'no-referrer',
} as const;

export function jsonResponse(
	status: number,
	value: unknown,
	headers: Readonly<Record<string, string>> = {},
): ApiResponse {
	return {
		status,
		headers: { ...always, 'content-type': 'application/json', ...headers },
		body: JSON.stringify(value),
	};
}

export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = {}): ApiResponse {
	return { status, headers: { ...always, ...headers } };
}

/**
 * Decodes an event of an HTTP API, payload format 2.0.
 *
 * @throws if the event has another format
 */
export function decodeEvent(event: APIGatewayProxyEventV2): ApiRequest {
	// Events of other formats have no such object, whatever the type says.
	const http: typeof event.requestContext.http | undefined = event.requestContext?.http;
	if (http === undefined)
		throw new Error('the event has no requestContext.http: invoke this function with payload format 2.0');
	const headers = headersOf(event);
	return {
		method: http.method,
		path: mountedPath(event),
		query: new URLSearchParams(event.rawQueryString),
		rawQuery: event.rawQueryString,
		sourceAddress: http.sourceIp,
		headers,
		cookies: cookiesOf(event, headers),
		body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
	};
}

/** Decodes those parts of an authorizer's event from which it decides. */
export function decodeAuthorizerEvent(
	event: APIGatewayRequestAuthorizerEventV2,
): Pick<ApiRequest, 'method' | 'headers' | 'cookies'> {
	const headers = headersOf(event);
	return { method: event.requestContext.http.method, headers, cookies: cookiesOf(event, headers) };
}

/**
 * The path of a request, without the path at which the API is mounted. `rawPath` begins with the
 * name of the stage, unless that is `$default`. AWS documents that it never has the key of an API
 * mapping. Some emulators leave the key in it.
 *
 * So the path begins where the segments of the chosen route begin. A request without a route goes
 * to `$default`. Then only the stage is known.
 */
function mountedPath({ rawPath, routeKey, requestContext, pathParameters }: APIGatewayProxyEventV2): string {
	const path = rawPath === '' ? requestContext.http.path : rawPath;
	const route = routeKey?.split(' ')[1];
	const start = route === undefined ? -1 : startOf(route, path, pathParameters ?? {});
	if (start >= 0) return path.slice(start);
	const stage = `/${requestContext.stage}`;
	return `${path}/`.startsWith(`${stage}/`) ? path.slice(stage.length) || '/' : path;
}

/** Where the segments of the route begin in the path. -1 if they are not in it. */
function startOf(route: string, path: string, parameters: Readonly<Record<string, string | undefined>>): number {
	const [fixed = '', rest] = route.split('/{proxy+}');
	if (rest !== undefined) {
		const prefix = fixed.replace(/\{(\w+)\}/g, (_, name) => parameters[name] ?? '');
		return prefix === '' ? -1 : path.indexOf(`${prefix}/`);
	}
	let start = path.length;
	for (let segments = fixed.split('/').length; segments > 1; segments--) {
		if (start <= 0) return -1;
		start = path.lastIndexOf('/', start - 1);
	}
	return start;
}

/** The headers of a request, as AWS or an emulator puts them into an event. */
interface HeadersInEvent {
	readonly headers?: Readonly<Record<string, string | undefined>>;
	readonly cookies?: readonly string[];
}

/**
 * AWS sends names in lower case. Some emulators send them as the client spelled them. An `If-Match`
 * that was overlooked would make a conditional change unconditional. Values of one name in several
 * spellings are joined, as AWS joins them.
 */
function headersOf(event: HeadersInEvent): Readonly<Record<string, string>> {
	const headers = new Map<string, string>();
	for (const [spelled, value] of Object.entries(event.headers ?? {})) {
		const name = spelled.toLowerCase();
		const other = headers.get(name);
		if (value !== undefined) headers.set(name, other === undefined ? value : `${other},${value}`);
	}
	return Object.fromEntries(headers);
}

/**
 * AWS sends cookies as a list, one in each entry. Some emulators leave them in their header, send
 * an empty list, or put several into an entry.
 */
function cookiesOf({ cookies = [] }: HeadersInEvent, headers: ApiRequest['headers']): string[] {
	const entries = cookies.length > 0 ? cookies : [headers['cookie'] ?? ''];
	return entries.flatMap((entry) => entry.split(';').map(trimCookie)).filter((pair) => pair !== '');
}

/**
 * Browsers trim spaces and tabs before they look for a prefix in the name (RFC 6265 section 5.2).
 * They keep other spaces of Unicode. So another host of the site can set the name `__Host-session`
 * behind one, for all hosts. Without that space it would be the session cookie.
 */
export function trimCookie(text: string): string {
	return text.replace(/^[ \t]+/, '').trimEnd();
}

export function encodeResponse(response: ApiResponse): APIGatewayProxyStructuredResultV2 {
	return {
		statusCode: response.status,
		headers: { ...response.headers },
		...(response.cookies === undefined ? {} : { cookies: [...response.cookies] }),
		...bodyOf(response),
	};
}

function bodyOf({ body, bodyBytes }: ApiResponse): Pick<APIGatewayProxyStructuredResultV2, 'body' | 'isBase64Encoded'> {
	if (bodyBytes !== undefined) return { body: Buffer.from(bodyBytes).toString('base64'), isBase64Encoded: true };
	return body === undefined ? {} : { body };
}
