import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ApiRequest, ApiResponse } from './exchange.ts';

/** Reads an HTTP API event, payload format 2.0. */
export function decodeEvent(event: APIGatewayProxyEventV2): ApiRequest {
	const { method, path } = event.requestContext.http;
	return {
		method,
		path: event.rawPath === '' ? path : event.rawPath,
		query: new URLSearchParams(event.rawQueryString),
		headers: event.headers,
		cookies: event.cookies ?? splitCookies(event.headers['cookie']),
		body: event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? ''),
	};
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
		...(response.body === undefined ? {} : { body: response.body }),
	};
}
