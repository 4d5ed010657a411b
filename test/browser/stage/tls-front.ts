import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type Listener, listen } from '../../../local/system/listen.ts';
import type { TestCertificate } from './certificate.ts';

/** The path of an empty page that every host has. */
export const blankPath = '/blank';

/** The path at which every host answers with the names of the cookies that it gets. */
export const cookiesPath = '/cookies';

/**
 * Ends TLS for several hosts, as API Gateway and CloudFront do, and passes requests on with their
 * `Host`. A host without a target has nothing but an empty page.
 *
 * @param targets URLs by host
 */
export async function startTlsFront(
	certificate: TestCertificate,
	targets: Readonly<Record<string, string>>,
): Promise<Listener> {
	const server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
		const target = targets[String(request.headers.host)];
		if (request.url === blankPath) response.writeHead(200, { 'content-type': 'text/html' }).end(blankPage);
		else if (request.url === cookiesPath) response.end(cookieNames(request.headers.cookie));
		else if (target === undefined) response.writeHead(404).end();
		else pass(request, response, target);
	});
	return await listen(server as unknown as Parameters<typeof listen>[0]);
}

const blankPage = '<!doctype html><html lang="en"><title>Blank</title><h1>Blank</h1></html>';

function cookieNames(cookies = ''): string {
	return cookies.replace(/=[^;]*/g, '');
}

function pass(request: IncomingMessage, response: ServerResponse, target: string): void {
	const { hostname, port } = new URL(target);
	const options = { hostname, port, method: request.method, path: request.url, headers: request.headers };
	const passed = httpRequest({ ...options, setHost: false }, (answer) => {
		response.writeHead(answer.statusCode ?? 502, answer.headers);
		answer.pipe(response);
	});
	passed.on('error', () => response.headersSent || response.writeHead(502).end());
	request.pipe(passed);
}
