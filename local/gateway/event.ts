import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { routeOf } from './route-table.ts';

/**
 * Selects one instance by name. This is a local test aid without a counterpart in Lambda; no event
 * contains it.
 */
export const targetHeader = 'x-local-target';

/** The protocol that clients use. It is `https` if something in front of the region ends TLS. */
export type PublicProtocol = 'http' | 'https';

/** The event with which an API Gateway HTTP API (payload format 2.0) invokes a function. */
export function gatewayEvent(
	request: IncomingMessage,
	body: Buffer,
	protocol: PublicProtocol = 'http',
): APIGatewayProxyEventV2 {
	const method = String(request.method);
	const [rawPath = '/', rawQueryString = ''] = splitOnce(String(request.url), '?');
	const { routeKey, pathParameters } = routeOf(method, rawPath);
	const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
	const headers = headersOf(request, sourceIp, protocol);
	const now = new Date();
	const [domainName = 'localhost'] = splitOnce(headers['host'] ?? 'localhost', ':');
	const cookies = request.headers.cookie?.split(/; */).filter((cookie) => cookie !== '');
	const query = queryOf(rawQueryString);
	return {
		version: '2.0',
		routeKey,
		rawPath,
		rawQueryString,
		...(cookies?.length ? { cookies } : {}),
		headers,
		...(query ? { queryStringParameters: query } : {}),
		requestContext: {
			accountId: '000000000000',
			apiId: 'local',
			domainName,
			domainPrefix: 'local',
			http: {
				method,
				path: rawPath,
				protocol: `HTTP/${request.httpVersion}`,
				sourceIp,
				userAgent: headers['user-agent'] ?? '',
			},
			requestId: randomUUID(),
			routeKey,
			stage: '$default',
			time: gatewayTime(now),
			timeEpoch: now.getTime(),
		},
		...(pathParameters ? { pathParameters } : {}),
		...bodyOf(body, headers['content-type']),
	};
}

/**
 * Headers about the connection, headers that the event has elsewhere, and headers for this front
 * only.
 */
const droppedHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'cookie', targetHeader]);

/**
 * Names in lower case, values of one name joined by a comma. Cookies are left out: the event has a
 * list of them.
 */
function headersOf(request: IncomingMessage, sourceIp: string, protocol: PublicProtocol): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const [name, values] of Object.entries(request.headersDistinct)) {
		if (values && !droppedHeaders.has(name)) headers[name] = values.join(',');
	}
	const forwardedFor = headers['x-forwarded-for'];
	headers['x-forwarded-for'] = forwardedFor ? `${forwardedFor}, ${sourceIp}` : sourceIp;
	headers['x-forwarded-port'] = String(request.socket.localPort);
	headers['x-forwarded-proto'] = protocol;
	return headers;
}

function queryOf(rawQueryString: string): Record<string, string> | undefined {
	if (rawQueryString === '') return undefined;
	const query: Record<string, string> = {};
	for (const [name, value] of new URLSearchParams(rawQueryString)) {
		query[name] = Object.hasOwn(query, name) ? `${query[name]},${value}` : value;
	}
	return query;
}

/**
 * API Gateway forwards text unchanged and everything else as base64, including what curl sends by
 * default.
 */
const textTypes = /^(text\/|application\/(json|javascript|xml)\b|[\w.-]+\/[\w.-]+\+(json|xml)\b)/i;

function bodyOf(body: Buffer, contentType = ''): { body?: string; isBase64Encoded: boolean } {
	if (body.length === 0) return { isBase64Encoded: false };
	const isText = textTypes.test(contentType);
	return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

/** A time in API Gateway's format, such as `22/Nov/2026:07:13:05 +0000`. */
function gatewayTime(date: Date): string {
	const [, day, month, year, time] = date.toUTCString().split(' ');
	return `${day}/${month}/${year}:${time} +0000`;
}

function splitOnce(text: string, separator: string): [string, string?] {
	const index = text.indexOf(separator);
	return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
