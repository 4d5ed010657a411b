import type {
	APIGatewayProxyEventV2,
	APIGatewayProxyStructuredResultV2,
	APIGatewayRequestAuthorizerEventV2,
} from 'aws-lambda';

/** A request to the API, free of the shape of what carried it. */
export interface ApiRequest {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	/** By lowercase name. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	/** `name=value`, one each. */
	readonly cookies: readonly string[];
	/** What `query` was decoded from, for who passes it on. */
	readonly rawQuery?: string;
	/** As it was sent; empty when there is none. */
	readonly body: Uint8Array;
	/** What is left of the time in which it has to be answered, where there is a limit. */
	readonly leftMs?: () => number;
}

export interface ApiResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly cookies?: readonly string[];
	readonly body?: string;
	/** The body, where it may be anything but text. */
	readonly bodyBytes?: Uint8Array;
}

/** Nothing that the API says may be kept by a cache (OWASP Session Management Cheat Sheet, web content caching). */
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

/** Reads an HTTP API event, payload format 2.0. */
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

/** Reads what an authorizer goes by. AWS has cookies in a list of their own, some emulators in their header. */
export function decodeAuthorizerEvent(
	event: APIGatewayRequestAuthorizerEventV2,
): Pick<ApiRequest, 'method' | 'headers' | 'cookies'> {
	const headers: Record<string, string | undefined> = {};
	for (const [name, value] of Object.entries(event.headers ?? {})) headers[name.toLowerCase()] = value;
	// The type has it that there always is a list; where there are no cookies, there is none.
	const cookies: readonly string[] | undefined = event.cookies;
	return { method: event.requestContext.http.method, headers, cookies: cookies ?? splitCookies(headers['cookie']) };
}

/** Some emulators leave cookies in their header. */
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
