import { createServer, request as requestHttp } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Listener, listen } from '../../local/system/listen.ts';
import { type RegionClient, startRegionClient } from './region-client.ts';

let service: Listener;
let client: RegionClient;
const arrived: string[] = [];
const bytes = Buffer.from([0, 1, 254, 255]);

beforeAll(async () => {
	service = await listen(
		createServer(async (request, response) => {
			arrived.push(`${request.method} ${request.url}`);
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk as Buffer);
			if (request.url === '/base/bytes') return response.writeHead(200, { 'content-type': 'image/png' }).end(bytes);
			if (request.url === '/base/away') return response.writeHead(303, { location: '/base/bytes' }).end();
			response.writeHead(200, {
				'content-type': 'application/json',
				'set-cookie': ['a=1', '__Host-Http-session=x', '__Host-Http-session =x', '=__Host-Http-session=x', 'b=2'],
				'clear-site-data': '"cookies"',
			});
			const { method, url, headers } = request;
			response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString('base64') }));
		}),
	);
	client = await startRegionClient({
		services: [
			{ name: 'echo', url: `${service.url}/base` },
			{ name: 'gone', url: 'http://127.0.0.1:1' },
			{ name: 'admin', url: service.url, anyScope: ['admin'] },
		],
	});
});
afterAll(async () => {
	await client.region.stop();
	await service.close();
});

test('a request for a service is forwarded with the identity, and its answer is returned', async () => {
	const token = await client.login({ subject: 'grace hopper' });
	const cookie = `theme=dark; __Host-Http-session=${token}`;
	const { status, json, headers } = await client.call('PUT', '/services/echo/a%20b?x=1&y=%2F', {
		cookie,
		headers: { 'x-requested-with': 'test', 'x-session-subject': 'mallory', 'content-type': 'application/octet-stream' },
		body: 'some text',
	});
	expect(status).toBe(200);
	expect(json).toMatchObject({ method: 'PUT', url: '/base/a%20b?x=1&y=%2F' });
	expect(Buffer.from(String(json['body']), 'base64').toString()).toBe('some text');
	expect(json['headers']).toMatchObject({
		cookie: 'theme=dark',
		'x-session-subject': 'local%3Agrace%20hopper',
		'x-forwarded-prefix': '/services/echo',
	});
	expect(JSON.stringify(json)).not.toContain(token);
	// An instance that had to ask the bus for the session gives the client a copy.
	const ofTheService = headers.getSetCookie().filter((text) => !text.startsWith('__Host-Http-session-copy='));
	expect(ofTheService).toEqual(['a=1', 'b=2']);
	expect(headers.has('clear-site-data')).toBe(false);
});

test('a body that looks like a request is not a request to the service, with any method', async () => {
	const token = await client.login();
	arrived.length = 0;
	for (const method of ['GET', 'OPTIONS', 'DELETE', 'POST']) {
		const status = await new Promise((resolve, reject) => {
			const url = `${client.region.url}/services/echo/x`;
			const body = 'POST /admin HTTP/1.1\r\nHost: svc\r\nx-session-subject: mallory\r\nContent-Length: 0\r\n\r\n';
			const headers = { authorization: `Bearer ${token}`, 'content-length': body.length };
			requestHttp(url, { method, headers }, (response) => resolve(response.resume().statusCode))
				.on('error', reject)
				.end(body);
		});
		expect(status).toBe(200);
		await client.call('GET', '/services/echo/next', { token });
	}
	const each = ['GET', 'OPTIONS', 'DELETE', 'POST'].flatMap((method) => [`${method} /base/x`, 'GET /base/next']);
	expect(arrived).toEqual(each);
});

test('bytes are forwarded unchanged in both directions, and a redirect is left to the client', async () => {
	const token = await client.login();
	const authorization = { authorization: `Bearer ${token}` };
	const sent = await client.call('POST', '/services/echo/x', { token, body: bytes });
	expect(Buffer.from(String(sent.json['body']), 'base64')).toEqual(bytes);
	const image = await fetch(`${client.region.url}/services/echo/bytes`, { headers: authorization });
	expect(Buffer.from(await image.arrayBuffer())).toEqual(bytes);
	expect(image.headers.get('content-type')).toBe('image/png');
	const away = await fetch(`${client.region.url}/services/echo/away`, { headers: authorization, redirect: 'manual' });
	expect([away.status, away.headers.get('location')]).toEqual([303, '/base/bytes']);
});

test('a service that is down is a 502, one that is forbidden a 403, and one that is unknown a 404', async () => {
	const token = await client.login();
	const outcomes = await Promise.all(
		['gone', 'admin', 'unknown'].map((name) => client.call('GET', `/services/${name}/x`, { token })),
	);
	expect(outcomes.map(({ status, json }) => [status, json['code']])).toEqual([
		[502, 'service_unreachable'],
		[403, 'service_forbidden'],
		[404, 'service_unknown'],
	]);
});

test('the answer to a forwarded request has the evidence of its decision', async () => {
	const token = await client.login();
	await client.call('GET', '/services/echo/x', { token });
	const { evidence } = await client.call('GET', '/services/echo/x', { token });
	expect(evidence).toMatchObject({ source: expect.stringMatching(/memory|borrowed|reloaded/) });
});
