import { type Agent, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Sends GET requests to a server through an agent, and returns the bodies of the answers. */
export function createHttpClient(server: Server, agent: Agent): (path: string) => Promise<string> {
	return async (path) => {
		const body = await new Promise<string>((resolve, reject) => {
			const { port } = server.address() as AddressInfo;
			const outgoing = request({ host: '127.0.0.1', port, path, agent }, (incoming) => {
				let text = '';
				incoming.setEncoding('utf8').on('data', (chunk: string) => {
					text += chunk;
				});
				incoming.on('end', () => resolve(text)).on('error', reject);
			});
			outgoing.on('error', reject).end();
		});
		// The agent takes the connection back in its own time.
		await new Promise((resolve) => setImmediate(resolve));
		return body;
	};
}
