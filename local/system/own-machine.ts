import type { IncomingMessage, Server } from 'node:http';

/**
 * Makes a server refuse requests that pages of other origins cause. The loopback interface keeps
 * other machines away, but not the pages that a browser on this machine shows. Such a page may send
 * a request without asking, or give its own host name the address 127.0.0.1 (DNS rebinding).
 *
 * @param linked paths to which pages of other origins may lead the browser, as a link does: with
 *   `GET`, and in a tab or window rather than in a frame
 */
export function forOwnMachine<Guarded extends Server>(server: Guarded, linked: readonly string[] = []): Guarded {
	const listeners = server.listeners('request');
	server.removeAllListeners('request');
	server.on('request', (request, response) => {
		if (!hasOwnHost(request) || (isForeign(request) && !follows(request, linked))) {
			response.writeHead(403, { 'content-type': 'application/json' });
			response.end('{"error":"only programs and pages of this machine may ask"}\n');
			return;
		}
		for (const listener of listeners) listener.call(server, request, response);
	});
	return server;
}

function hasOwnHost({ headers: { host = '' } }: IncomingMessage): boolean {
	return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}

function isForeign({ headers }: IncomingMessage): boolean {
	const { host, origin } = headers;
	const site = headers['sec-fetch-site'] ?? 'none';
	return (origin !== undefined && origin !== `http://${host}`) || (site !== 'none' && site !== 'same-origin');
}

/** Whether the browser follows a link or a redirect (W3C Fetch Metadata Request Headers). */
function follows({ method, url = '', headers }: IncomingMessage, linked: readonly string[]): boolean {
	if (method !== 'GET' || !linked.includes(String(url.split('?', 1)[0]))) return false;
	return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}
