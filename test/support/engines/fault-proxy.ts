import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { admitCall, type FaultAnswers, type ServiceCondition } from '../../../local/services/faults.ts';
import { type Listener, listen } from '../../../local/system/listen.ts';
import { readBody } from '../../../local/system/request-body.ts';

interface Proxied {
	/** Undefined: the host that the request was signed for, by TLS. */
	readonly endpoint: string | undefined;
	/** The condition that a call is under, which also counts it. */
	readonly called: (request: IncomingMessage, body: Buffer) => ServiceCondition;
	readonly answers: FaultAnswers;
}

/**
 * Stands between clients and a service that runs elsewhere, so that faults can be had of any service. Requests go on as they
 * came, their `host` included: they stay signed for the service.
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

/** DynamoDB's limit for a request, the largest of them. */
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
	outgoing.on('error', () => response.destroy()); // The service is away: so it looks to the client, too.
	response.on('close', () => outgoing.destroy());
	outgoing.end(body);
}

/** Has a signed request connect to `proxyUrl` instead of the host that it is signed for. */
export function throughProxy<Request>(request: Request, proxyUrl: string): Request {
	const { protocol, hostname, port } = new URL(proxyUrl);
	if (typeof request !== 'object' || request === null || !('hostname' in request))
		throw new Error('the SDK was about to send something that is no HTTP request');
	return Object.assign(request, { protocol, hostname, port: Number(port) });
}
