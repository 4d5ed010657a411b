import { afterEach, describe, expect, test, vi } from 'vitest';
import { authorizeRoute } from '../../../../functions/session-server/authorizer/authorize-route.ts';
import { decodeAuthorizerEvent } from '../../../../functions/session-server/http/exchange.ts';
import type { OutgoingRequest, ServiceAnswer } from '../../../../functions/system/http-client.ts';
import { browserSettings, clearedCookie } from '../../../support/browser-settings.ts';
import { loggedIn } from '../../../support/logged-in.ts';
import { createSigningBus } from '../../../support/memory/signing-bus.ts';

const attributes = '; Secure; HttpOnly; Path=/; SameSite=Lax';
const copyCookie = (copy: string) => `__Host-Http-session-copy=${copy}${attributes}`;
const clearedCopy = `${copyCookie('')}; Max-Age=0`;
const origin = 'https://app.example.com';
const proof = { 'x-requested-with': 'test' };

afterEach(() => {
	vi.restoreAllMocks();
});

/** A session of `ada`, and a session server whose decisions and views bring the copy `fresh`. */
async function setUp(answer: Partial<ServiceAnswer> = {}) {
	const received: OutgoingRequest[] = [];
	const lines: string[] = [];
	const stage = await loggedIn({
		reach: createSigningBus(),
		origins: [origin],
		services: [{ name: 'service', url: 'http://service.example' }],
		sendRequest: async (request) => {
			received.push(request);
			return { kind: 'answered', status: 200, headers: [], body: Buffer.from('hello'), ...answer };
		},
		log: (...line) => lines.push(JSON.stringify(line)),
		warmLinesPerSecond: 100,
	});
	const { server } = stage;
	const [authorize, view, list] = [server.authorize, server.view, server.listSessions];
	const spies = {
		authorize: vi.spyOn(server, 'authorize').mockImplementation(async (...parameters) => {
			const decision = await authorize(...parameters);
			return decision.kind === 'allowed' ? { ...decision, carried: 'fresh' } : decision;
		}),
		logout: vi.spyOn(server, 'logout'),
	};
	vi.spyOn(server, 'view').mockImplementation(async (token) => {
		const found = await view(token);
		return found.kind === 'found' ? { ...found, carried: 'fresh' } : found;
	});
	vi.spyOn(server, 'listSessions').mockImplementation(async (token) => {
		const listed = await list(token);
		return listed.kind === 'listed' ? { ...listed, carried: 'fresh' } : listed;
	});
	const byHeader = { headers: { authorization: `Bearer ${stage.token}`, 'leasehold-copy': 'held' } };
	const byCookie = {
		headers: proof,
		cookies: [`__Host-Http-session=${stage.token}`, 'theme=dark', '__Host-Http-session-copy=held'],
	};
	return { ...stage, spies, received, lines, byHeader, byCookie };
}

describe('a login', () => {
	const login = { method: 'POST', path: '/v1/sessions', headers: { authorization: 'Bearer grace' } };

	test('gives a browser the copy in a cookie, beside that of the token', async () => {
		const { ask } = await setUp();
		const { status, cookies, headers } = await ask(login);
		expect(status).toBe(201);
		expect(cookies).toEqual([expect.stringMatching(/^__Host-Http-session=/), copyCookie('copy-2')]);
		expect(headers).not.toHaveProperty('leasehold-copy');
	});

	test('gives an API client the copy in a header', async () => {
		const { ask } = await setUp();
		const { headers, cookies } = await ask({ ...login, body: '{"delivery":"bearer"}' });
		expect(headers).toHaveProperty('leasehold-copy', 'copy-2');
		expect(cookies).toBeUndefined();
	});

	test('without a copy clears that of the session before', async () => {
		const { ask } = await loggedIn();
		const { cookies } = await ask({ ...login, cookies: ['__Host-Http-session-copy=held'] });
		expect(cookies).toEqual([expect.stringMatching(/^__Host-Http-session=/), clearedCopy]);
	});
});

const requests = [
	{ path: '/v1/authorize/service', status: 204 },
	{ path: '/services/service/x', status: 200 },
	{ path: '/v1/session', status: 200 },
	{ path: '/v1/sessions', status: 200 },
];

describe('an answer with a new copy', () => {
	test.each(requests)('gives it in a cookie if the token came in one: $path', async ({ path, status }) => {
		const { ask, byCookie } = await setUp();
		const answer = await ask({ path, ...byCookie });
		expect([answer.status, answer.cookies]).toEqual([status, [copyCookie('fresh')]]);
		expect(answer.headers).not.toHaveProperty('leasehold-copy');
	});

	test.each(requests)('gives it in a header if the token came in one: $path', async ({ path, status }) => {
		const { ask, byHeader } = await setUp();
		const answer = await ask({ path, ...byHeader });
		expect([answer.status, answer.headers['leasehold-copy']]).toEqual([status, 'fresh']);
		expect(answer.cookies).toBeUndefined();
	});

	test('is also that to a change', async () => {
		const { ask, byCookie, byHeader } = await setUp();
		const change = { method: 'PATCH', path: '/v1/session', body: '{"attributes":{"theme":"dark"}}' };
		expect((await ask({ ...change, ...byCookie })).cookies).toEqual([copyCookie('copy-2')]);
		const { headers } = await ask({ ...change, ...byHeader, body: '{"attributes":{"theme":"light"}}' });
		expect(headers).toHaveProperty('leasehold-copy', expect.stringMatching(/^copy-/));
	});

	test('lets pages of listed origins read the header', async () => {
		const { ask, byHeader } = await setUp();
		const { headers } = await ask({ path: '/v1/session', headers: { ...byHeader.headers, origin } });
		expect(headers['access-control-expose-headers']).toContain('leasehold-copy');
	});

	test('is not given by a service whose answer other clients may get from a cache', async () => {
		const caches: [string, boolean][] = [
			['no-store', true],
			['private, max-age=60', true],
			['Max-Age=0, Private', true],
			['public, max-age=60', false],
			['max-age=60', false],
			['private="set-cookie"', false],
		];
		for (const [value, gives] of caches) {
			const { ask, byCookie } = await setUp({ headers: [['cache-control', value]] });
			const { cookies } = await ask({ path: '/services/service/x', ...byCookie });
			expect(cookies, value).toEqual(gives ? [copyCookie('fresh')] : undefined);
		}
	});
});

describe('a carried copy', () => {
	test.each(['/v1/authorize/service', '/services/service/x'])('is used for a decision: %s', async (path) => {
		const { ask, spies, token, byCookie, byHeader } = await setUp();
		await ask({ path, ...byCookie });
		await ask({ path, ...byHeader });
		await ask({ path, headers: { authorization: `Bearer ${token}` } });
		expect(spies.authorize.mock.calls).toEqual([
			[token, 'service', 'held'],
			[token, 'service', 'held'],
			[token, 'service', undefined],
		]);
	});

	test('is used for a logout, and cleared by it with the session cookie', async () => {
		const { ask, spies, token, byCookie } = await setUp();
		const { status, cookies } = await ask({ method: 'DELETE', ...byCookie });
		expect(spies.logout).toHaveBeenCalledWith(token, undefined, 'held');
		expect([status, cookies]).toEqual([204, [clearedCookie, clearedCopy]]);
	});

	test('is used for a logout that leads the browser away, and cleared by it', async () => {
		const { ask, spies, token, byCookie } = await setUp();
		const headers = { ...proof, host: 'api.example' };
		const { status, cookies } = await ask({ method: 'POST', path: '/v1/logout', ...byCookie, headers });
		expect(spies.logout).toHaveBeenCalledWith(token, undefined, 'held');
		expect([status, cookies]).toEqual([303, [clearedCookie, clearedCopy]]);
	});

	test('is cleared with a cookie whose token is dead', async () => {
		const { ask, byCookie, byHeader } = await setUp();
		await ask({ method: 'DELETE', ...byHeader });
		for (const { path } of requests) {
			const { status, cookies } = await ask({ path, ...byCookie });
			expect([status, cookies]).toEqual([401, [clearedCookie, clearedCopy]]);
		}
	});

	test('does not reach a service, and a service cannot set one', async () => {
		const headers = [
			['set-cookie', '__Host-Http-session-copy=planted; Path=/'],
			['leasehold-copy', 'planted'],
		] as const;
		const { ask, received, byCookie, byHeader } = await setUp({ headers });
		for (const differing of [
			byCookie,
			byHeader,
			{ ...byHeader, headers: { ...byHeader.headers, leasehold_copy: 'held' } },
		]) {
			const answer = await ask({ path: '/services/service/x', ...differing });
			expect(JSON.stringify(answer)).not.toContain('planted');
		}
		expect(received).toHaveLength(3);
		expect(JSON.stringify(received)).not.toContain('held');
		expect(received[0]?.headers['cookie']).toBe('theme=dark');
	});

	test('is in no line of the log, whether it is held or fresh', async () => {
		const { ask, lines, byCookie, byHeader } = await setUp();
		for (const { path } of requests) for (const differing of [byCookie, byHeader]) await ask({ path, ...differing });
		await ask({ method: 'DELETE', ...byCookie });
		expect(lines.length).toBeGreaterThan(6);
		expect(lines.filter((line) => /held|fresh|copy-\d/.test(line))).toEqual([]);
	});
});

describe('the authorizer', () => {
	const event = (differing: object) =>
		decodeAuthorizerEvent({ headers: {}, requestContext: { http: { method: 'GET' } }, ...differing } as never);

	test('uses the copy that comes with the token, and says nothing of another one', async () => {
		const { server, spies, token } = await setUp();
		for (const differing of [
			{ headers: { Authorization: `Bearer ${token}`, 'Leasehold-Copy': 'held' } },
			{ cookies: [`__Host-Http-session=${token}`, '__Host-Http-session-copy=held'] },
		]) {
			const authorized = await authorizeRoute(server, 'service', event(differing), browserSettings());
			expect(authorized).toMatchObject({ kind: 'decided', result: { isAuthorized: true } });
			expect('result' in authorized && JSON.stringify(authorized.result)).not.toContain('fresh');
		}
		expect(spies.authorize.mock.calls).toEqual([
			[token, 'service', 'held'],
			[token, 'service', 'held'],
		]);
	});

	test('decides without a copy', async () => {
		const { server, spies, token } = await setUp();
		const bearer = event({ headers: { authorization: `Bearer ${token}` } });
		expect(await authorizeRoute(server, 'service', bearer, browserSettings())).toMatchObject({
			result: { isAuthorized: true },
		});
		expect(spies.authorize).toHaveBeenCalledWith(token, 'service', undefined);
	});
});
