import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import {
	type OutgoingRequest,
	type ServiceAnswer,
	type ServiceFailure,
	sendRequest,
} from '../../../functions/system/http-client.ts';
import { listen } from '../../../local/system/listen.ts';

async function serve(listener: RequestListener) {
	const server = createServer(listener);
	const { url, close } = await listen(server);
	onTestFinished(close);
	return { url, server };
}

function outgoing(url: string, differing: Partial<OutgoingRequest> = {}): OutgoingRequest {
	return {
		url: new URL(url),
		method: 'GET',
		headers: {},
		body: new Uint8Array(),
		timeoutMs: 2_000,
		bodyBytesMax: 1_000,
		...differing,
	};
}

test('a request reaches the service as it was sent, and the answer comes back as it was given', async () => {
	const { url } = await serve(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		response.writeHead(203, [
			['set-cookie', 'a=1'],
			['set-cookie', 'b=2'],
			['x-seen', `${request.method} ${request.url} ${request.headers['x-a']} ${request.headers['user-agent']}`],
		]);
		response.end(Buffer.concat(chunks));
	});
	const body = Buffer.from([0, 255, 10]);
	const answer = await sendRequest(outgoing(`${url}/p?q=1`, { method: 'POST', headers: { 'x-a': '1' }, body }));
	expect(answer).toMatchObject({ status: 203, body });
	expect(answer.kind === 'answered' && answer.headers.slice(0, 3)).toEqual([
		['set-cookie', 'a=1'],
		['set-cookie', 'b=2'],
		['x-seen', 'POST /p?q=1 1 undefined'],
	]);
});

test('redirects are not followed, and compressed bodies stay compressed', async () => {
	const zipped = gzipSync('hello');
	const { url } = await serve((_request, response) => {
		response.writeHead(302, { location: '/elsewhere', 'content-encoding': 'gzip' }).end(zipped);
	});
	expect(await sendRequest(outgoing(url))).toMatchObject({ status: 302, body: zipped });
});

test('a service that does not answer completely in time has timed out', async () => {
	const silent = await serve(() => undefined);
	expect(await sendRequest(outgoing(silent.url, { timeoutMs: 50 }))).toEqual({ kind: 'failed', reason: 'timeout' });
	const endless = await serve((_request, response) => void response.writeHead(200).write('a'));
	expect(await sendRequest(outgoing(endless.url, { timeoutMs: 100 }))).toEqual({ kind: 'failed', reason: 'timeout' });
});

test('an answer over the limit is refused', async () => {
	const { url } = await serve((_request, response) => response.end(Buffer.alloc(1_001)));
	expect(await sendRequest(outgoing(url))).toEqual({ kind: 'failed', reason: 'too-large' });
});

test('a service that is not there, hangs up or does not speak HTTP is unreachable', async () => {
	const gone = await serve((request) => request.socket.destroy());
	expect(await sendRequest(outgoing(gone.url))).toEqual({ kind: 'failed', reason: 'unreachable', code: 'ECONNRESET' });
	const odd = await serve((request) => request.socket.end('not http\r\n\r\n'));
	expect(await sendRequest(outgoing(odd.url))).toMatchObject({ kind: 'failed', reason: 'unreachable' });
	const short = await serve((_request, response) => {
		response.writeHead(200, { 'content-length': 10 }).write('a', () => response.socket?.destroy());
	});
	expect(await sendRequest(outgoing(short.url))).toMatchObject({ kind: 'failed', reason: 'unreachable' });
	expect(await sendRequest(outgoing('http://127.0.0.1:1'))).toEqual({
		kind: 'failed',
		reason: 'unreachable',
		code: 'ECONNREFUSED',
	});
});

/**
 * A service that answers with raw bytes. `says` returns its answer to what a connection has sent so
 * far.
 */
async function serveRaw(says: (heard: string) => string | undefined) {
	const connections: { heard: string; readonly socket: Socket }[] = [];
	const server = createRawServer((socket) => {
		const connection = { heard: '', socket };
		connections.push(connection);
		socket.on('error', () => undefined); // Clients may hang up at any time.
		socket.on('data', (bytes) => {
			connection.heard += bytes.toString('latin1');
			const said = says(connection.heard);
			if (said !== undefined) socket.write(said);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		for (const { socket } of connections) socket.destroy();
		server.close();
	});
	return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections };
}

const smuggled = 'POST /admin HTTP/1.1\r\nHost: svc\r\nx-session-subject: victim\r\nContent-Length: 0\r\n\r\n';

test.each(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH'])(
	'a body that looks like a request is not taken as a request if it is sent with %s',
	async (method) => {
		const requests: string[] = [];
		const { url } = await serve((request, response) => {
			requests.push(`${request.method} ${request.url}`);
			request.resume();
			response.end('ok');
		});
		const body = Buffer.from(smuggled);
		expect(await sendRequest(outgoing(`${url}/x`, { method, body }))).toMatchObject({ status: 200 });
		expect(await sendRequest(outgoing(`${url}/next`))).toMatchObject({ status: 200 });
		expect(requests).toEqual([`${method} /x`, 'GET /next']);
	},
);

test.each([
	['GET', 'abc', undefined, ''],
	['HEAD', 'abc', undefined, ''],
	['OPTIONS', 'abc', undefined, ''],
	['DELETE', 'abc', '3', 'abc'],
	['DELETE', '', '0', ''],
	['POST', '', '0', ''],
	['PATCH', 'abc', '3', 'abc'],
])('the bytes of a %s with the body %j are as many as it says', async (method, body, length, arrived) => {
	const whole = (heard: string) => heard.includes('\r\n\r\n') && heard.endsWith(arrived);
	const { address, connections } = await serveRaw((heard) =>
		whole(heard) ? 'HTTP/1.1 204 No Content\r\n\r\n' : undefined,
	);
	const answer = await sendRequest(outgoing(`http://${address}/`, { method, body: Buffer.from(body) }));
	expect(answer).toMatchObject({ status: 204 });
	const [head = '', rest] = (connections[0]?.heard ?? '').split('\r\n\r\n');
	expect(/^content-length: (.*)$/im.exec(head)?.[1]).toBe(length);
	expect(head).not.toMatch(/transfer-encoding/i);
	expect(rest).toBe(arrived);
});

test('surplus bytes of the answer to one request are not taken as the answer to the next', async () => {
	const says = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
	const { address } = await serveRaw((heard) => {
		if (!heard.startsWith('GET /first')) return says('its own');
		return says(heard.includes('GET /next') ? 'left over' : 'the first');
	});
	expect(String(bodyOf(await sendRequest(outgoing(`http://${address}/first`))))).toBe('the first');
	expect(String(bodyOf(await sendRequest(outgoing(`http://${address}/next`))))).toBe('its own');
});

test('a service that switches to another protocol is unreachable, and its connection is closed', async () => {
	const { address, connections } = await serveRaw(
		() => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
	);
	expect(await sendRequest(outgoing(`http://${address}/`, { method: 'POST' }))).toEqual({
		kind: 'failed',
		reason: 'unreachable',
	});
	await expect.poll(() => connections[0]?.socket.destroyed || connections[0]?.socket.readableEnded).toBe(true);
});

test.each([
	['connecting', 'https', undefined],
	['the first line', 'http', undefined],
	['the headers', 'http', 'HTTP/1.1 200 OK\r\nx-a: 1\r\n'],
	['nothing but interim answers', 'http', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
	['the body', 'http', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'],
	['a chunk', 'http', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc'],
])('a service that stalls at %s has timed out, and is hung up on', async (_where, protocol, said) => {
	const { address, connections } = await serveRaw(() => said);
	const begun = performance.now();
	expect(await sendRequest(outgoing(`${protocol}://${address}/`, { timeoutMs: 150 }))).toEqual({
		kind: 'failed',
		reason: 'timeout',
	});
	expect(performance.now() - begun).toBeLessThan(1_000);
	await expect.poll(() => connections[0]?.socket.destroyed || connections[0]?.socket.readableEnded).toBe(true);
});

function bodyOf(answer: ServiceAnswer | ServiceFailure): Uint8Array | undefined {
	return answer.kind === 'answered' ? answer.body : undefined;
}
