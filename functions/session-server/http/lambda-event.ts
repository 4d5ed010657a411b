import type {
	APIGatewayProxyEventV2,
	APIGatewayProxyStructuredResultV2,
	APIGatewayRequestAuthorizerEventV2,
} from 'aws-lambda';
import type { ApiRequest, ApiResponse } from './exchange.ts';

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
