import { createServer, type RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { type OutgoingRequest, sendRequest } from '../../../functions/system/http-client.ts';
import { listen } from '../../../local/listen.ts';

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

test('a request arrives as it was sent, and the answer as it was given', async () => {
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
	expect('headers' in answer && answer.headers.slice(0, 3)).toEqual([
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

test('a service that does not answer, or not to its end, has timed out', async () => {
	const silent = await serve(() => undefined);
	expect(await sendRequest(outgoing(silent.url, { timeoutMs: 50 }))).toEqual({ failed: 'timeout' });
	const endless = await serve((_request, response) => void response.writeHead(200).write('a'));
	expect(await sendRequest(outgoing(endless.url, { timeoutMs: 100 }))).toEqual({ failed: 'timeout' });
});

test('an answer over the limit is not taken', async () => {
	const { url } = await serve((_request, response) => response.end(Buffer.alloc(1_001)));
	expect(await sendRequest(outgoing(url))).toEqual({ failed: 'too-large' });
});

test('a service that is not there, hangs up or speaks no HTTP is unreachable', async () => {
	const gone = await serve((request) => request.socket.destroy());
	expect(await sendRequest(outgoing(gone.url))).toEqual({ failed: 'unreachable' });
	const odd = await serve((request) => request.socket.end('not http\r\n\r\n'));
	expect(await sendRequest(outgoing(odd.url))).toEqual({ failed: 'unreachable' });
	const short = await serve((_request, response) => {
		response.writeHead(200, { 'content-length': 10 }).write('a', () => response.socket?.destroy());
	});
	expect(await sendRequest(outgoing(short.url))).toEqual({ failed: 'unreachable' });
	expect(await sendRequest(outgoing('http://127.0.0.1:1'))).toEqual({ failed: 'unreachable' });
});

test('a kept connection that was closed in the meantime costs no request that may be repeated', async () => {
	const requests: string[] = [];
	const { url } = await serve((request, response) => {
		requests.push(String(request.method));
		// As after a freeze: the service has hung up by the time this connection is used again.
		if (request.socket.bytesWritten > 0) request.socket.resetAndDestroy();
		else response.end('ok');
	});
	expect(await sendRequest(outgoing(url))).toMatchObject({ status: 200 });
	expect(await sendRequest(outgoing(url))).toMatchObject({ status: 200 });
	expect(await sendRequest(outgoing(url, { method: 'POST' }))).toMatchObject({ status: 200 });
	expect(requests).toEqual(['GET', 'GET', 'GET', 'POST']);
});
