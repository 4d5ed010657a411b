import { createServer } from 'node:http';
import { type Listener, listen } from '../../local/system/listen.ts';

/** A service that answers each request with what it got. */
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
