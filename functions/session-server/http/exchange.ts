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

/** No cache may keep an answer (OWASP Session Management Cheat Sheet, web content caching). */
const always = { 'cache-control': 'no-store' } as const;

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

/** Decodes an event of an HTTP API, payload format 2.0. */
export function decodeEvent(event: APIGatewayProxyEventV2): ApiRequest {
	const { method, path } = event.requestContext.http;
	return {
		method,
		path: event.rawPath === '' ? path : event.rawPath,
		query: new URLSearchParams(event.rawQueryString),
		rawQuery: event.rawQueryString,
		headers: event.headers,
		cookies: event.cookies ?? splitCookies(event.headers['cookie']),
		body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
	};
}

/** Decodes those parts of an authorizer's event from which it decides. */
export function decodeAuthorizerEvent(
	event: APIGatewayRequestAuthorizerEventV2,
): Pick<ApiRequest, 'method' | 'headers' | 'cookies'> {
	const headers: Record<string, string | undefined> = {};
	for (const [name, value] of Object.entries(event.headers ?? {})) headers[name.toLowerCase()] = value;
	// The type says that there is always a list. In fact it is missing when there are no cookies.
	const cookies: readonly string[] | undefined = event.cookies;
	return { method: event.requestContext.http.method, headers, cookies: cookies ?? splitCookies(headers['cookie']) };
}

/** AWS sends cookies as a list. Some emulators leave them in their header. */
function splitCookies(header: string | undefined): string[] {
	return header === undefined ? [] : header.split(';').map((pair) => pair.trim());
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
