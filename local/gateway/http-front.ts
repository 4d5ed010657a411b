import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FunctionPool, InvocationOutcome } from '../lambda/function-pool.ts';
import { readBody } from '../system/request-body.ts';
import { gatewayEvent, type PublicProtocol, targetHeader } from './event.ts';
import type { Pages } from './pages.ts';
import { type GatewayResponse, gatewayMessage, gatewayResponse, internalServerError } from './response.ts';

/** Names the instance that answered, so that a drill knows which process holds a session. */
const instanceHeader = 'x-local-process';

/**
 * Lambda would start another environment. Here, at the limit of instances, a request waits this
 * long for one.
 */
const waitMs = 5_000;

/** API Gateway's quotas. */
const bodyBytesMax = 10 * 1024 * 1024;
const headBytesMax = 10_240;

interface FrontOptions {
	/** Files of the same origin. */
	readonly pages?: Pages | undefined;
	/** @default http */
	readonly protocol?: PublicProtocol | undefined;
	/** Called with each answer to the API's clients, before it is sent. */
	readonly onAnswer?: ((answer: GatewayAnswer) => void) | undefined;
}

/** An answer, and the request that it is for. */
export interface GatewayAnswer {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	readonly answer: GatewayResponse;
}

/**
 * Stands in for API Gateway's HTTP API: turns each request into an event for the session server,
 * and each answer into a response.
 */
export function createHttpFront(
	sessionServer: FunctionPool,
	{ pages, protocol = 'http', onAnswer = () => undefined }: FrontOptions = {},
): Server {
	return createServer({ maxHeaderSize: 4 * headBytesMax }, async (request, response) => {
		if (pages?.answer(request, response)) return;
		const read = await readBody(request, bodyBytesMax);
		if (read.kind === 'aborted') return;
		const reply = (answer: GatewayResponse) => {
			const [path = ''] = String(request.url).split('?', 1);
			onAnswer({ method: String(request.method), path, answer });
			send(response, answer);
		};
		if (headBytes(request) > headBytesMax) return reply(gatewayMessage(431, 'Request Header Fields Too Large'));
		if (read.kind === 'too-large') return reply(gatewayMessage(413, 'Request Entity Too Large'));
		const target = request.headers[targetHeader];
		const wish = typeof target === 'string' ? { waitMs, target } : { waitMs };
		const outcome = await sessionServer.invoke(gatewayEvent(request, read.body, protocol), wish);
		if (outcome.kind !== 'throttled' && outcome.instance) response.setHeader(instanceHeader, outcome.instance);
		reply(responseTo(outcome));
	});
}

function responseTo(outcome: InvocationOutcome): GatewayResponse {
	switch (outcome.kind) {
		case 'answered':
			return gatewayResponse(outcome.payload);
		case 'failed':
			return internalServerError;
		case 'throttled':
			return gatewayMessage(503, 'Service Unavailable');
	}
}

/** The size of the request line and the header lines as they arrived. */
function headBytes({ method, url, rawHeaders }: IncomingMessage): number {
	return rawHeaders.reduce((bytes, part) => bytes + part.length + 2, `${method} ${url} HTTP/1.1`.length);
}

function send(response: ServerResponse, { status, headers, body }: GatewayResponse): void {
	try {
		const bodiless = status === 204 || status === 304;
		response.writeHead(status, bodiless ? headers : { ...headers, 'content-length': body.length });
		response.end(bodiless ? undefined : body);
	} catch {
		// The answer has a header that HTTP does not allow. API Gateway treats that as a malformed
		// answer.
		response.writeHead(500, { 'content-type': 'application/json' }).end(internalServerError.body);
	}
}
