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
	/** For the whole exchange, from connecting to the last byte. */
	readonly timeoutMs: number;
	/** Of the answer's body. */
	readonly bodyBytesMax: number;
}

export interface ServiceAnswer {
	readonly status: number;
	/** Name and value, in the order and spelling in which they came. */
	readonly headers: readonly (readonly [string, string])[];
	/** As it came: what is compressed stays so. */
	readonly body: Uint8Array;
}

export interface ServiceFailure {
	readonly failed: 'unreachable' | 'timeout' | 'too-large';
}

/** No service expects a body of these (RFC 9110 section 9.3), and one that does not read it takes it for the next request. */
const bodiless = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A connection for each request: whatever a service makes of what it was sent, no answer of its can reach someone else, and
 * none has been closed while this environment was frozen. TLS sessions are resumed all the same.
 */
const http = { send: requestHttp, agent: new AgentHttp({ keepAlive: false }) };
const https = { send: requestHttps, agent: new AgentHttps({ keepAlive: false }) };

/** With `node:http`, since `fetch` would decompress bodies and add headers of its own. */
export const sendRequest: SendRequest = ({ url, method, headers, body, timeoutMs, bodyBytesMax }) =>
	new Promise((resolve) => {
		const signal = AbortSignal.timeout(timeoutMs);
		const { send, agent } = url.protocol === 'https:' ? https : http;
		// Node gives the body of a DELETE no length by itself, and sends it all the same.
		const length = bodiless.has(method) ? {} : { 'content-length': body.length };
		const request = send(url, { method, headers: { ...headers, ...length }, signal, agent });
		let isAnswered = false;
		const fail = () => resolve({ failed: signal.aborted ? 'timeout' : 'unreachable' });
		const failUnanswered = () => {
			if (!isAnswered) fail();
		};
		request.on('error', failUnanswered);
		// To a change to another protocol, for which nobody asked, Node hangs up without an error.
		request.on('close', failUnanswered);
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
		// Leaving the loop ends the connection.
		if (bytes > bodyBytesMax) return { failed: 'too-large' };
		chunks.push(chunk);
	}
	const headers: [string, string][] = [];
	for (let index = 0; index < response.rawHeaders.length; index += 2)
		headers.push([response.rawHeaders[index] ?? '', response.rawHeaders[index + 1] ?? '']);
	return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) };
}
