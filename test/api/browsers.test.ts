import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listener, listen } from '../../local/system/listen.ts';
import { type RegionClient, startRegionClient } from './region-client.ts';

const origin = 'https://app.example.com';
const evil = 'https://evil.example.com';

let service: Listener;
let client: RegionClient;
let asked = 0;

beforeAll(async () => {
	service = await listen(
		createServer((_, response) => {
			asked += 1;
			response.writeHead(200, { 'access-control-allow-origin': '*', vary: 'Accept' }).end('{}');
		}),
	);
	client = await startRegionClient({
		services: [{ name: 'echo', url: service.url }],
		sessionServerVariables: {
			LEASEHOLD_ORIGINS: JSON.stringify([origin]),
			LEASEHOLD_COOKIE: JSON.stringify({ domain: 'example.com', sameSite: 'none' }),
		},
	});
});
afterAll(async () => {
	await client.region.stop();
	await service.close();
});

const preflight = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'x-a' };
const cors = (headers: Headers) => [
	headers.get('access-control-allow-origin'),
	headers.get('access-control-allow-credentials'),
	headers.get('vary'),
];

describe('a page of a listed origin', () => {
	test.each(['/v1/session', '/v1/sessions/handle', '/services/echo/x', '/unknown', '/'])(
		'gets its preflight for %s answered at the default route, and another origin does not',
		async (path) => {
			const before = asked;
			const answer = await client.call('OPTIONS', path, { headers: { ...preflight, origin } });
			expect([answer.status, ...cors(answer.headers)]).toEqual([204, origin, 'true', 'Origin']);
			expect(answer.headers.get('access-control-allow-headers')).toBe('x-a');
			const refused = await client.call('OPTIONS', path, { headers: { ...preflight, origin: evil } });
			expect([refused.status, ...cors(refused.headers)]).toEqual([403, null, null, 'Origin']);
			expect(asked).toBe(before);
		},
	);

	test('logs in with the configured cookie, reads, changes and logs out', async () => {
		const idToken = await client.region.mint({ subject: 'grace' });
		const login = await client.call('POST', '/v1/sessions', { token: idToken, headers: { origin } });
		expect([login.status, ...cors(login.headers)]).toEqual([201, origin, 'true', 'Origin']);
		const [set = ''] = login.headers.getSetCookie();
		expect(set).toMatch(/^__Secure-session=[\w-]{112}; Secure; HttpOnly; Path=\/; SameSite=None; Domain=example\.com$/);
		const cookie = set.split(';', 1)[0] ?? '';
		const from = (sent: string) => ({ cookie, headers: { origin: sent, 'sec-fetch-site': 'cross-site' } });

		const read = await client.call('GET', '/v1/session', from(origin));
		expect([read.status, ...cors(read.headers)]).toEqual([200, origin, 'true', 'Origin']);
		expect(read.headers.get('access-control-expose-headers')).toMatch(/\betag\b.*\bx-session-evidence\b/);
		expect(cors((await client.call('GET', '/v1/session', from(evil))).headers)).toEqual([null, null, 'Origin']);

		const body = { attributes: { theme: 'dark' } };
		expect((await client.call('PATCH', '/v1/session', { ...from(evil), body })).status).toBe(403);
		expect((await client.call('PATCH', '/v1/session', { ...from(origin), body })).status).toBe(200);
		expect((await client.call('POST', '/services/echo/x', from(evil))).status).toBe(403);
		const forwarded = await client.call('POST', '/services/echo/x', from(origin));
		expect([forwarded.status, ...cors(forwarded.headers)]).toEqual([200, origin, 'true', 'Accept, Origin']);
		const asking = { cookie, headers: { origin: evil, 'x-forwarded-method': 'POST' } };
		expect((await client.call('GET', '/v1/authorize?service=echo', asking)).status).toBe(403);
		const allowed = { cookie, headers: { origin, 'x-forwarded-method': 'POST' } };
		expect((await client.call('GET', '/v1/authorize?service=echo', allowed)).status).toBe(204);

		const out = await client.call('DELETE', '/v1/session', from(origin));
		expect([out.status, out.headers.get('set-cookie')]).toEqual([
			204,
			'__Secure-session=; Secure; HttpOnly; Path=/; SameSite=None; Domain=example.com; Max-Age=0',
		]);
	});

	test('reads problems, and keeps a session that an earlier release put into the former cookie', async () => {
		const problem = await client.call('GET', '/v1/session', { headers: { origin } });
		expect([problem.status, ...cors(problem.headers)]).toEqual([401, origin, 'true', 'Origin']);
		const former = `__Host-session=${await client.login()}`;
		expect((await client.call('GET', '/v1/session', { cookie: former })).status).toBe(200);
		const idToken = await client.region.mint({ subject: 'grace' });
		const login = await client.call('POST', '/v1/sessions', { token: idToken, cookie: former });
		// The cookie of a copy follows, if the bus has published its key by now.
		expect(login.headers.getSetCookie().slice(0, 2)).toEqual([
			'__Host-session=; Secure; HttpOnly; Path=/; SameSite=Lax; Max-Age=0',
			expect.stringMatching(/^__Secure-session=[\w-]{112};/),
		]);
		expect(login.json).toMatchObject({ replaced: { ended: true } });
	});
});
