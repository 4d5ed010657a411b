import type { IncomingMessage, Server } from 'node:http';

/**
 * Makes a server refuse requests that pages of other origins cause. The loopback interface keeps
 * other machines away, but not the pages that a browser on this machine shows. Such a page may send
 * a request without asking, or give its own host name the address 127.0.0.1 (DNS rebinding).
 */
export function forOwnMachine<Guarded extends Server>(server: Guarded): Guarded {
	const listeners = server.listeners('request');
	server.removeAllListeners('request');
	server.on('request', (request, response) => {
		if (isForeign(request)) {
			response.writeHead(403, { 'content-type': 'application/json' });
			response.end('{"error":"only programs and pages of this machine may ask"}\n');
			return;
		}
		for (const listener of listeners) listener.call(server, request, response);
	});
	return server;
}

function isForeign({ headers }: IncomingMessage): boolean {
	const { host = '', origin } = headers;
	const site = headers['sec-fetch-site'] ?? 'none';
	if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) return true;
	return (origin !== undefined && origin !== `http://${host}`) || (site !== 'none' && site !== 'same-origin');
}
