import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { admitCall, type FaultAnswers, type ServiceCondition } from '../../../local/services/faults.ts';
import { type Listener, listen } from '../../../local/system/listen.ts';
import { readBody } from '../../../local/system/request-body.ts';

interface Proxied {
	/** `undefined`: the host for which the request was signed, over TLS. */
	readonly endpoint: string | undefined;
	/** Counts a call and returns the condition of its service. */
	readonly called: (request: IncomingMessage, body: Buffer) => ServiceCondition;
	readonly answers: FaultAnswers;
}

/**
 * Starts a proxy between clients and a service that runs elsewhere. It can cause faults for any
 * service. It forwards requests unchanged, with their `host`, so their signatures stay valid.
 */
export async function startFaultProxy({ endpoint, called, answers }: Proxied): Promise<Listener> {
	return listen(
		createServer(async (request, response) => {
			const read = await readBody(request, bodyBytesMax);
			if (read.kind !== 'read') return void response.destroy();
			if (!(await admitCall(called(request, read.body), response, answers))) return;
			forward(request, read.body, response, new URL(endpoint ?? `https://${request.headers.host}`));
		}),
	);
}

/** DynamoDB's limit for a request, the largest of the three. */
const bodyBytesMax = 16 * 1024 * 1024;

function forward(request: IncomingMessage, body: Buffer, response: ServerResponse, to: URL): void {
	const { connection: _connection, 'transfer-encoding': _encoding, expect: _expect, ...headers } = request.headers;
	const call = to.protocol === 'https:' ? httpsRequest : httpRequest;
	const outgoing = call(
		{
			host: to.hostname,
			port: to.port,
			method: request.method,
			path: request.url,
			headers: { ...headers, 'content-length': body.length },
		},
		(incoming) => {
			const { connection: _hop, 'transfer-encoding': _chunked, ...answered } = incoming.headers;
			response.writeHead(incoming.statusCode ?? 502, answered);
			incoming.on('error', () => response.destroy());
			incoming.pipe(response);
		},
	);
	// If the service is down, it must look so to the client.
	outgoing.on('error', () => response.destroy());
	response.on('close', () => outgoing.destroy());
	outgoing.end(body);
}

/** Makes a signed request connect to `proxyUrl` instead of the host for which it was signed. */
export function throughProxy<Request>(request: Request, proxyUrl: string): Request {
	const { protocol, hostname, port } = new URL(proxyUrl);
	if (typeof request !== 'object' || request === null || !('hostname' in request))
		throw new Error('the SDK was about to send something other than an HTTP request');
	return Object.assign(request, { protocol, hostname, port: Number(port) });
}
