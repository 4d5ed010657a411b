import { describe, expect, test } from 'vitest';
import type { RequestDifference } from '../../../support/api-request.ts';
import { loggedIn } from '../../../support/logged-in.ts';

const origin = 'https://app.example.com';
const origins = [origin, 'https://admin.example.com'];
const preflight = (from: string, headers: Record<string, string> = {}) => ({
	method: 'OPTIONS',
	headers: { origin: from, 'access-control-request-method': 'PATCH', ...headers },
});
const corsHeaders = (headers: Readonly<Record<string, string>>) =>
	Object.fromEntries(Object.entries(headers).filter(([name]) => name === 'vary' || name.startsWith('access-control-')));

const others = [
	'null',
	'*',
	'http://app.example.com',
	'https://app.example.com:8443',
	'https://app.example.com.evil.example',
	'https://evil-app.example.com',
	'https://APP.example.com',
	'https://app.example.com, https://evil.example',
	'https://app.example.com/',
	'',
];

describe('a preflight', () => {
	test.each(['/v1/session', '/v1/sessions', '/nothing', '/health', '/services/notes/x', '/services/unknown/x'])(
		'from a listed origin is answered before anything else: %s',
		async (path) => {
			const { ask } = await loggedIn({ origins });
			const wanted = { 'access-control-request-headers': 'content-type,x-requested-with' };
			const { status, headers, body } = await ask({ path, ...preflight(origin, wanted) });
			expect([status, body]).toEqual([204, undefined]);
			expect(corsHeaders(headers)).toEqual({
				vary: 'Origin',
				'access-control-allow-origin': origin,
				'access-control-allow-credentials': 'true',
				'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
				'access-control-allow-headers': 'content-type,x-requested-with',
				'access-control-max-age': '600',
			});
		},
	);

	test.each(others)('from the origin "%s" is refused, and tells nothing', async (from) => {
		const { ask } = await loggedIn({ origins });
		const { status, json, headers } = await ask(preflight(from));
		expect([status, json['code']]).toEqual([403, 'origin_refused']);
		expect(corsHeaders(headers)).toEqual({ vary: 'Origin' });
	});

	test('is refused if no origin is listed', async () => {
		const { ask } = await loggedIn();
		const { status, json, headers } = await ask(preflight(origin));
		expect([status, json['code'], corsHeaders(headers)]).toEqual([403, 'origin_refused', {}]);
	});

	test('does not reach a service, and allows no header whose name is malformed', async () => {
		const { ask } = await loggedIn({
			origins,
			services: [{ name: 'notes', url: 'http://notes.example' }],
			sendRequest: () => Promise.reject(new Error('the service was asked')),
		});
		const wanted = { 'access-control-request-headers': 'x-a\r\nset-cookie: b' };
		const { status, headers } = await ask({ path: '/services/notes/x', ...preflight(origin, wanted) });
		expect([status, headers['access-control-allow-headers']]).toEqual([204, undefined]);
	});

	test('is no preflight about a request that a proxy asks for: that one needs a session', async () => {
		const { ask, token } = await loggedIn({ origins });
		for (const path of ['/v1/authorize', '/v1/authorize/service', '/v1/authorize/service/x'])
			expect([path, (await ask({ path, ...preflight(origin) })).status]).toEqual([path, 401]);
		const headers = { ...preflight(origin).headers, authorization: `Bearer ${token}` };
		expect((await ask({ path: '/v1/authorize/service', method: 'OPTIONS', headers })).status).toBe(204);
	});

	test('needs its two headers', async () => {
		const { ask } = await loggedIn({ origins });
		expect((await ask({ method: 'OPTIONS', headers: { origin } })).status).toBe(405);
		const method = { 'access-control-request-method': 'GET' };
		expect((await ask({ method: 'OPTIONS', headers: method })).status).toBe(405);
	});
});

describe('an answer', () => {
	test('can be read by a page of a listed origin, with its headers', async () => {
		const { ask, token } = await loggedIn({ origins });
		const headers = { origin, authorization: `Bearer ${token}` };
		expect(corsHeaders((await ask({ headers })).headers)).toEqual({
			vary: 'Origin',
			'access-control-allow-origin': origin,
			'access-control-allow-credentials': 'true',
			'access-control-expose-headers': 'etag',
		});
	});

	test.each<[number, RequestDifference & { from?: string }]>([
		[401, { path: '/v1/session' }],
		[404, { path: '/nothing' }],
		[405, { method: 'PUT', path: '/v1/session' }],
		[500, { path: '/services/broken/x' }],
		[403, { method: 'DELETE', path: '/v1/session', cookies: ['__Host-Http-session=x'], from: 'https://evil.example' }],
	])('that is a %i can be read by pages of listed origins, and by no others', async (status, { from, ...request }) => {
		const { ask, token } = await loggedIn({
			origins,
			services: [{ name: 'broken', url: 'http://broken.example' }],
			sendRequest: () => Promise.reject(new Error('a bug')),
		});
		const authorization = status === 500 ? { authorization: `Bearer ${token}` } : {};
		const listed = await ask({ ...request, headers: { origin, ...authorization } });
		expect(listed.headers['access-control-allow-origin']).toBe(origin);
		for (const other of from === undefined ? others : [from]) {
			const answer = await ask({ ...request, headers: { origin: other, ...authorization } });
			expect([answer.status, corsHeaders(answer.headers)]).toEqual([status, { vary: 'Origin' }]);
		}
	});

	test('without an origin also varies by it, and does not if no origin is listed', async () => {
		expect(corsHeaders((await (await loggedIn({ origins })).ask({})).headers)).toEqual({ vary: 'Origin' });
		expect(corsHeaders((await (await loggedIn()).ask({ headers: { origin } })).headers)).toEqual({});
	});
});

describe("a service's answer", () => {
	const answerWith = async (headers: [string, string][], from = origin) => {
		const { ask, token } = await loggedIn({
			origins,
			services: [{ name: 'notes', url: 'http://notes.example' }],
			sendRequest: async () => ({ kind: 'answered', status: 200, headers, body: Buffer.of() }),
		});
		const request = { path: '/services/notes/x', headers: { origin: from, authorization: `Bearer ${token}` } };
		return corsHeaders((await ask(request)).headers);
	};

	test('has the CORS headers of the settings, and not those that the service sent', async () => {
		const own: [string, string][] = [
			['Access-Control-Allow-Origin', '*'],
			['Access-Control-Allow-Credentials', 'false'],
			['Access-Control-Expose-Headers', 'x-secret'],
			['Link', '</x>'],
			['Content-Type', 'text/plain'],
		];
		expect(await answerWith(own)).toEqual({
			vary: 'Origin',
			'access-control-allow-origin': origin,
			'access-control-allow-credentials': 'true',
			'access-control-expose-headers': 'link',
		});
		expect(await answerWith(own, 'https://evil.example')).toEqual({ vary: 'Origin' });
	});

	test.each([
		['Accept', 'Accept, Origin'],
		['accept, ORIGIN', 'accept, ORIGIN'],
		['*', '*'],
		['X-Origin', 'X-Origin, Origin'],
	])('that varies by "%s" varies by "%s"', async (own, vary) => {
		expect(await answerWith([['Vary', own]])).toMatchObject({ vary });
	});
});

describe('a change by cookie', () => {
	test('is allowed to a page of a listed origin, and to no other', async () => {
		const { ask, token } = await loggedIn({ origins });
		const change = (from: string) =>
			ask({
				method: 'PATCH',
				headers: { origin: from, 'sec-fetch-site': 'same-site' },
				cookies: [`__Host-Http-session=${token}`],
				body: '{"attributes":{"theme":"dark"}}',
			});
		expect((await change(origin)).status).toBe(200);
		for (const other of others) expect([other, (await change(other)).status]).toEqual([other, 403]);
	});
});
