import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listener, listen } from '../../local/system/listen.ts';
import { type RegionClient, startRegionClient } from './region-client.ts';

let service: Listener;
let client: RegionClient;

beforeAll(async () => {
	service = await listen(
		createServer((request, response) =>
			response
				.writeHead(200, {
					'access-control-allow-origin': '*',
					'access-control-allow-credentials': 'true',
					'service-worker-allowed': '/',
				})
				.end(JSON.stringify(request.headers)),
		),
	);
	client = await startRegionClient({
		services: [
			{ name: 'echo', url: service.url },
			{ name: 'secure', minAssurance: 3 },
		],
	});
});
afterAll(async () => {
	await client.region.stop();
	await service.close();
});

describe('forward-auth', () => {
	test('takes any method, and a path and a query after the service', async () => {
		const token = await client.login();
		for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
			for (const path of [
				'/v1/authorize?service=echo&x=1',
				'/v1/authorize/echo',
				'/v1/authorize/echo/a/b?service=secure',
			])
				expect([method, path, (await client.call(method, path, { token })).status]).toEqual([method, path, 204]);
		expect((await client.call('GET', '/v1/authorize/secure/a?service=echo', { token })).status).toBe(403);
	});

	test('judges a change by cookie by the original method', async () => {
		const cookie = `__Host-Http-session=${await client.login()}`;
		const ask = async (headers: Record<string, string>) =>
			(await client.call('GET', '/v1/authorize?service=echo', { cookie, headers })).status;
		const crossSite = { 'sec-fetch-site': 'cross-site' };
		expect(await ask(crossSite)).toBe(204);
		for (const name of ['x-forwarded-method', 'x-original-method']) {
			expect(await ask({ ...crossSite, [name]: 'POST' })).toBe(403);
			expect(await ask({ ...crossSite, [name]: 'GET' })).toBe(204);
			expect(await ask({ 'sec-fetch-site': 'same-origin', [name]: 'POST' })).toBe(204);
		}
	});

	test('answers with no empty identity header', async () => {
		const token = await client.login({ scope: '' });
		const { headers } = await client.call('GET', '/v1/authorize?service=echo', { token });
		expect(headers.get('x-session-scopes')).toBe('""');
		expect((await client.call('GET', '/services/echo/', { token })).json['x-session-scopes']).toBe('""');
	});
});

test('anyone gets the contract of the API, as it is committed', async () => {
	const committed = JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));
	const { status, headers, json } = await client.call('GET', '/openapi.json');
	expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
	expect(json).toEqual(committed);
});

test('a dead cookie is cleared by a 401 and by a logout, and another session’s cookie stays', async () => {
	const [first, second] = [await client.login(), await client.login()];
	const out = await client.call('DELETE', '/v1/session', { token: first, cookie: `__Host-Http-session=${second}` });
	expect([out.status, out.headers.get('set-cookie')]).toEqual([204, null]);
	const cookie = `__Host-Http-session=${first.slice(0, -1)}`;
	const headers = { 'x-requested-with': 'test' };
	for (const method of ['GET', 'DELETE']) {
		const dead = await client.call(method, '/v1/session', { cookie, headers });
		expect([dead.status, dead.headers.get('set-cookie')]).toEqual([401, expect.stringContaining('Max-Age=0')]);
	}
	const both = await client.call('GET', '/v1/session', { cookie: `${cookie}; __Host-Http-session=${second}` });
	expect([both.json['code'], both.headers.get('set-cookie')]).toEqual(['session_malformed', null]);
	expect((await client.call('GET', '/v1/session', { cookie: `__Host-Http-session=${second}` })).status).toBe(200);
});

test('answers have the rules for browsers, and a service can neither widen them nor get headers for CGI', async () => {
	const token = await client.login();
	for (const path of ['/v1/session', '/nothing', '/services/echo/'])
		expect([...(await client.call('GET', path, { token })).headers.keys()]).toEqual(
			expect.arrayContaining(['strict-transport-security', 'x-content-type-options']),
		);
	const headers = { proxy: 'http://evil.example', 'x-http-method-override': 'DELETE', 'x-original-url': '/admin' };
	const answer = await client.call('GET', '/services/echo/', { token, headers });
	expect([...answer.headers.keys()].filter((name) => /^access-control|^service-worker/.test(name))).toEqual([]);
	expect(Object.keys(answer.json).filter((name) => name in headers)).toEqual([]);
});
