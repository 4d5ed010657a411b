import { describe, expect, test } from 'vitest';
import type { CookieOptions } from '../../../../functions/session-server/deployment/browser-settings.ts';
import { keptFor } from '../../../../functions/session-server/http/persistent-cookie.ts';
import type { RequestDifference } from '../../../support/api-request.ts';
import { loggedIn } from '../../../support/logged-in.ts';

const name = '__Host-Http-session';
const proof = { 'x-requested-with': 'test' };

describe('a persistent cookie is kept', () => {
	const session = { absoluteExpiresAtMs: 86_400_000, idleTimeoutMs: 3_600_000 };

	test.each<[string, number | undefined, number, object]>([
		['until the age limit of its session', undefined, 0, { maxAgeSeconds: 86_400 }],
		['until that limit later also', undefined, 400_500, { maxAgeSeconds: 85_999 }],
		[
			'for an interval longer than the session may go unused',
			600,
			1_000_000,
			{ maxAgeSeconds: 4_200, renewedAtSeconds: 1_000 },
		],
		['no longer than until the age limit', 600, 86_400_000 - 4_200_000, { maxAgeSeconds: 4_200 }],
		['without a renewal if that limit comes before', 86_400, 0, { maxAgeSeconds: 86_400 }],
	])('%s', (_, renewalSeconds, nowMs, kept) => {
		expect(keptFor({ renewalSeconds }, session, nowMs)).toEqual(kept);
	});
});

/** A persistent login of `grace` in a browser. */
async function persistent(cookie: CookieOptions, options: Parameters<typeof loggedIn>[0] = {}) {
	const stage = await loggedIn({ services: [{ name: 'service', url: 'http://service.example' }], cookie, ...options });
	const jar = new Map<string, string>();
	const maxAges = new Map<string, number>();
	async function ask(request: RequestDifference) {
		const cookies = [...jar].map(([key, value]) => `${key}=${value}`);
		const answer = await stage.ask({ headers: proof, ...request, cookies });
		const set = answer.cookies ?? [];
		for (const text of set) {
			const [, key = '', value = '', maxAge] = /^([^=]+)=([^;]*).*?(?:; Max-Age=(\d+))?$/.exec(text) ?? [];
			if (maxAge === '0') jar.delete(key);
			else jar.set(key, value);
			maxAges.set(key, Number(maxAge));
		}
		return { ...answer, set };
	}
	const login = await ask({
		method: 'POST',
		path: '/v1/sessions',
		headers: { authorization: 'Bearer grace' },
		body: '{"persistent":true}',
	});
	return { ...stage, ask, jar, maxAges, login };
}

const renewed = expect.arrayContaining([
	expect.stringMatching(new RegExp(`^${name}=.*; Max-Age=4200$`)),
	expect.stringMatching(new RegExp(`^${name}-renewed=\\d+; .*; Max-Age=4200$`)),
]);

describe('a renewal interval', () => {
	test.each([
		{ path: '/v1/session' },
		{ path: '/v1/sessions' },
		{ path: '/v1/authorize/service' },
		{ path: '/services/service/x' },
		{ method: 'PATCH', path: '/v1/session', body: '{"attributes":{"theme":"dark"}}' },
	])('renews the cookie with the answer to %j, once in each interval', async (request) => {
		const { ask, clock, login, jar } = await persistent(
			{ renewalSeconds: 600 },
			{ sendRequest: async () => ({ kind: 'answered', status: 200, headers: [], body: Buffer.from('') }) },
		);
		expect(login.set).toEqual(renewed);
		const token = jar.get(name);
		clock.advance(599_000);
		expect((await ask(request)).set).toEqual([]);
		clock.advance(1_000);
		for (const _ of ['first', 'second']) {
			const { status, set } = await ask(request);
			expect([status < 300, set]).toEqual([true, renewed]);
			expect(jar.get(name)).toBe(token);
			expect((await ask(request)).set).toEqual([]);
			clock.advance(600_000);
		}
	});

	test('keeps the cookie for as long as the session is used, and not beyond its age limit', async () => {
		const { ask, clock, maxAges, login } = await persistent({ renewalSeconds: 600 });
		let keptUntilMs = clock.now().wallMs + Number(maxAges.get(name)) * 1_000;
		const limitMs = Date.parse((login.json['session'] as { absoluteExpiresAt: string }).absoluteExpiresAt);
		for (let use = 0; use < 100; use++) {
			clock.advance(3_599_000);
			if (clock.now().wallMs >= limitMs) break;
			expect(clock.now().wallMs).toBeLessThan(keptUntilMs);
			const { status, set } = await ask({ path: '/v1/authorize/service' });
			expect(status).toBe(204);
			if (set.length > 0) keptUntilMs = clock.now().wallMs + Number(maxAges.get(name)) * 1_000;
			expect(keptUntilMs).toBeLessThanOrEqual(limitMs);
		}
		expect((await ask({ path: '/v1/authorize/service' })).status).toBe(401);
	});

	test('renews nothing for an answer that a cache may give to other clients', async () => {
		const { ask, clock } = await persistent(
			{ renewalSeconds: 600 },
			{
				sendRequest: async () => ({
					kind: 'answered',
					status: 200,
					headers: [['cache-control', 'max-age=60']],
					body: Buffer.from(''),
				}),
			},
		);
		clock.advance(600_000);
		expect((await ask({ path: '/services/service/x' })).set).toEqual([]);
	});

	test('renews nothing if the request is refused, or the token is a bearer token', async () => {
		const { ask, clock, token } = await persistent({ renewalSeconds: 600 });
		clock.advance(600_000);
		expect((await ask({ path: '/v1/authorize/none' })).set).toEqual([]);
		expect((await ask({ headers: { authorization: `Bearer ${token}` } })).set).toEqual([]);
		expect((await ask({})).set).toEqual(renewed);
	});

	test('renews a cookie whose time is far in the future', async () => {
		const { ask, clock, jar } = await persistent({ renewalSeconds: 600 });
		const seconds = Math.floor(clock.now().wallMs / 1_000);
		jar.set(`${name}-renewed`, String(seconds + 599));
		expect((await ask({})).set).toEqual([]);
		jar.set(`${name}-renewed`, String(seconds + 86_400));
		expect((await ask({})).set).toEqual(renewed);
		jar.set(`${name}-renewed`, 'yesterday');
		expect((await ask({})).set).toEqual([]);
	});

	test('makes no cookie persistent that was not', async () => {
		const { ask, clock, jar } = await persistent({ renewalSeconds: 600 });
		await ask({ method: 'POST', path: '/v1/sessions', headers: { authorization: 'Bearer grace' } });
		expect([...jar.keys()]).toEqual([name]);
		clock.advance(600_000);
		expect((await ask({})).set).toEqual([]);
	});

	test('leaves nothing behind after a logout', async () => {
		const { ask, jar } = await persistent({ renewalSeconds: 600 });
		await ask({ method: 'DELETE' });
		expect([...jar.keys()]).toEqual([]);
	});

	test('that is removed leaves the cookie until the age limit, with the next answer', async () => {
		const { ask, jar, maxAges } = await persistent({});
		expect([maxAges.get(name), [...jar.keys()]]).toEqual([86_400, [name]]);
		jar.set(`${name}-renewed`, '1');
		await ask({});
		expect([maxAges.get(name), [...jar.keys()]]).toEqual([86_400, [name]]);
		expect((await ask({})).set).toEqual([]);
	});
});
