import { Agent as AgentHttp, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as AgentHttps, request as requestHttps } from 'node:https';

/** Port: one exchange over HTTP, without following redirects. Never throws. */
export type SendRequest = (request: OutgoingRequest) => Promise<ServiceAnswer | ServiceFailure>;

export interface OutgoingRequest {
	readonly url: URL;
	readonly method: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Not sent with GET, HEAD and OPTIONS. */
	readonly body: Uint8Array;
	/** The limit of the whole exchange, from the connection to the last byte. */
	readonly timeoutMs: number;
	/** The limit of the answer's body. */
	readonly bodyBytesMax: number;
}

export interface ServiceAnswer {
	readonly kind: 'answered';
	readonly status: number;
	/** Name and value of each header, in the order and spelling of the service. */
	readonly headers: readonly (readonly [string, string])[];
	/** The body as it came: a compressed body stays compressed. */
	readonly body: Uint8Array;
}

export interface ServiceFailure {
	readonly kind: 'failed';
	readonly reason: 'unreachable' | 'timeout' | 'too-large';
	/** Node's code of the error, such as `ENOTFOUND`. */
	readonly code?: string;
}

/**
 * Methods whose requests have no body (RFC 9110 section 9.3). A service that does not read the body
 * would take it for the next request.
 */
const bodiless = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Each request has its own connection. So a confused service cannot send the answer of one client
 * to another, and no connection was closed while this environment was frozen. TLS sessions are
 * still resumed.
 */
const http = { send: requestHttp, agent: new AgentHttp({ keepAlive: false }) };
const https = { send: requestHttps, agent: new AgentHttps({ keepAlive: false }) };

/** Uses `node:http`, because `fetch` would decompress bodies and add headers. */
export const sendRequest: SendRequest = ({ url, method, headers, body, timeoutMs, bodyBytesMax }) =>
	new Promise((resolve) => {
		const signal = AbortSignal.timeout(timeoutMs);
		const { send, agent } = url.protocol === 'https:' ? https : http;
		// Node sends the body of a DELETE without a length unless it is given one.
		const length = bodiless.has(method) ? {} : { 'content-length': body.length };
		const request = send(url, { method, headers: { ...headers, ...length }, signal, agent });
		let isAnswered = false;
		const fail = (error?: { readonly code?: unknown }) =>
			resolve({
				kind: 'failed',
				reason: signal.aborted ? 'timeout' : 'unreachable',
				...(!signal.aborted && typeof error?.code === 'string' && { code: error.code }),
			});
		const failUnanswered = (error?: { readonly code?: unknown }) => {
			if (!isAnswered) fail(error);
		};
		request.on('error', failUnanswered);
		// If the service switches to another protocol unasked, Node closes the connection without
		// an error.
		request.on('close', () => failUnanswered());
		request.on('response', (response) => {
			isAnswered = true;
			read(response, bodyBytesMax).then(resolve, fail);
		});
		request.end(bodiless.has(method) ? undefined : body);
	});

async function read(response: IncomingMessage, bodyBytesMax: number): Promise<ServiceAnswer | ServiceFailure> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		// Leaving the loop closes the connection.
		if (bytes > bodyBytesMax) return { kind: 'failed', reason: 'too-large' };
		chunks.push(chunk);
	}
	const headers: [string, string][] = [];
	for (let index = 0; index < response.rawHeaders.length; index += 2)
		headers.push([response.rawHeaders[index] ?? '', response.rawHeaders[index + 1] ?? '']);
	return { kind: 'answered', status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) };
}
