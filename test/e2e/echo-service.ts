import { createServer } from 'node:http';
import { type Listener, listen } from '../../local/system/listen.ts';

/** Starts a service that answers each request with a description of the request. */
export function startEchoService(): Promise<Listener> {
	return listen(
		createServer(async (request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk as Buffer);
			const { method, url, headers } = request;
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
		}),
	);
}
