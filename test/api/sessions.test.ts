import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RegionClient, startRegionClient } from './region-client.ts';

/** Shorter than the default, so the lease of a silent instance expires soon. */
const leaseDurationMs = 4_000;

let client: RegionClient;

beforeAll(async () => {
	const lease = { LEASEHOLD_LEASE_DURATION_MS: String(leaseDurationMs) };
	client = await startRegionClient({ sessionServerVariables: lease, busVariables: lease });
});

afterAll(async () => {
	await client.region.stop();
});

describe('logging in', () => {
	test('gives API clients a bearer token and a view of the session', async () => {
		const idToken = await client.region.mint({ subject: 'ada', scope: 'billing:read', acr: 'aal2' });
		const { status, json, headers } = await client.call('POST', '/v1/sessions', {
			token: idToken,
			body: { delivery: 'bearer' },
		});
		expect(status).toBe(201);
		expect(json['token']).toMatch(/^[A-Za-z0-9_-]{112}$/);
		expect(json['session']).toMatchObject({ subject: 'local:ada', assuranceLevel: 2, scopes: ['billing:read'] });
		expect(headers.get('cache-control')).toBe('no-store');
		expect(headers.get('set-cookie')).toBeNull();
	});

	test('gives browsers a host-only cookie that scripts cannot read and that ends with the browser', async () => {
		const idToken = await client.region.mint({ subject: 'ada' });
		const { status, json, headers } = await client.call('POST', '/v1/sessions', { token: idToken });
		expect(status).toBe(201);
		expect(json['token']).toBeUndefined();
		expect(headers.getSetCookie()[0]).toMatch(
			/^__Host-Http-session=[A-Za-z0-9_-]{112}; Secure; HttpOnly; Path=\/; SameSite=Lax$/,
		);
	});

	test('makes the cookie outlive the browser if the client asks for it', async () => {
		const idToken = await client.region.mint({ subject: 'ada' });
		const { headers } = await client.call('POST', '/v1/sessions', { token: idToken, body: { persistent: true } });
		expect(headers.getSetCookie()[0]).toMatch(/; Max-Age=(86400|863\d\d)$/);
	});

	test('ends the session that the browser had, and tells its handle', async () => {
		const former = await client.login();
		const handle = (await client.call('GET', '/v1/session', { token: former })).json['handle'];
		const idToken = await client.region.mint({ subject: 'grace', acr: 'aal2' });
		const { status, json } = await client.call('POST', '/v1/sessions', {
			token: idToken,
			cookie: `__Host-Http-session=${former}`,
		});
		expect({ status, replaced: json['replaced'] }).toEqual({ status: 201, replaced: { handle, ended: true } });
		const list = await client.call('GET', '/v1/sessions', { token: former });
		expect(list.json['code']).toBe('session_revoked');
	});

	test('is refused with an ID token that has logged in, at every instance and in every spelling', async () => {
		const idToken = await client.region.mint({ subject: 'grace' });
		const login = async (token: string) => {
			const { status, json } = await client.call('POST', '/v1/sessions', { token });
			return { status, detail: json['detail'] };
		};
		expect(await login(idToken)).toMatchObject({ status: 201 });
		const refused = { status: 401, detail: 'the ID token has logged in before' };
		const again = await Promise.all([login(idToken), login(idToken), login(idToken)]);
		expect(again).toEqual([refused, refused, refused]);
	});

	test('ends the session whose token an API client sends to be replaced', async () => {
		const former = await client.login();
		const idToken = await client.region.mint({ subject: 'grace', acr: 'aal2' });
		const body = { delivery: 'bearer', replaces: former };
		const { json } = await client.call('POST', '/v1/sessions', { token: idToken, body });
		expect(json['replaced']).toMatchObject({ ended: true });
	});

	test('gives a session of level 3 the times of that level, from the authentication', async () => {
		const authTime = Math.floor(Date.now() / 1000) - 3_600;
		const token = await client.login({ acr: 'aal3', authTime });
		const { json } = await client.call('GET', '/v1/session', { token });
		expect(json).toMatchObject({ assuranceLevel: 3, absoluteExpiresAt: timeText((authTime + 12 * 3_600) * 1000) });
		const idleMs = Date.parse(String(json['idleExpiresAt'])) - Date.parse(String(json['lastSeenAt']));
		expect(idleMs).toBe(15 * 60_000);
	});

	test('is refused with an authentication that is older than a session may become', async () => {
		const authTime = Math.floor(Date.now() / 1000) - 30 * 86_400;
		const idToken = await client.region.mint({ subject: 'ada', acr: 'aal3', authTime });
		const { status, json } = await client.call('POST', '/v1/sessions', { token: idToken });
		expect({ status, code: json['code'] }).toEqual({ status: 401, code: 'id_token_refused' });
	});
});

describe('a session', () => {
	test('may use a service whose rule it meets, as bearer token or as cookie', async () => {
		const token = await client.login();
		for (const options of [{ token }, { cookie: `a=b; __Host-Http-session=${token}; c=d` }]) {
			const { status, headers } = await client.call('GET', '/v1/authorize?service=billing', options);
			expect(status).toBe(204);
			expect(headers.get('x-session-subject')).toBe('local%3Agrace');
			expect(headers.get('x-session-assurance')).toBe('1');
			expect(headers.get('x-session-handle')).toMatch(/^[A-Za-z0-9_-]{22}$/);
		}
	});

	test('is refused with a code that tells whether its scopes or its assurance level are missing', async () => {
		const token = await client.login();
		expect((await client.call('GET', '/v1/authorize?service=admin', { token })).json).toMatchObject({
			status: 403,
			code: 'service_forbidden',
		});
		expect((await client.call('GET', '/v1/authorize?service=payments', { token })).json).toMatchObject({
			status: 403,
			code: 'step_up_required',
		});
	});

	test('is in the log by its handle, whether it was refused or logged out', async () => {
		const token = await client.login();
		for (const service of ['billing', 'admin']) await client.call('GET', `/v1/authorize?service=${service}`, { token });
		const handle = (await client.call('GET', '/v1/session', { token })).json['handle'];
		await client.call('DELETE', '/v1/session', { token });
		const { entries } = (await client.control('GET', '/logs')) as { entries: { record?: Record<string, unknown> }[] };
		const ofSession = entries.flatMap(({ record = {} }) => (record['session'] === handle ? [record] : []));
		const outcomes = ofSession.map((record) => [record['operation'], record['status'], record['refused']]);
		// A decision from memory that let the client in is counted, and has no line.
		expect(outcomes.filter(([operation, status]) => operation !== 'authorize' || status !== 204)).toEqual([
			['login', 201, undefined],
			['authorize', 403, 'service_forbidden'],
			['view', 200, undefined],
			['logout', 204, undefined],
		]);
	});

	test('has its attributes merged, one by one, and shows them on every instance', async () => {
		const token = await client.login();
		await client.call('PATCH', '/v1/session', { token, body: { attributes: { theme: 'dark', cart: 3 } } });
		const patched = await client.call('PATCH', '/v1/session', {
			token,
			body: { attributes: { cart: null, locale: 'de' } },
		});
		expect(patched.status).toBe(200);
		expect(patched.json['attributes']).toEqual({ theme: 'dark', locale: 'de' });
		await new Promise((resolve) => setTimeout(resolve, 2_100));
		for (const target of ['session-server-1', 'session-server-2']) {
			const viewed = await client.call('GET', '/v1/session', { token, headers: { 'x-local-target': target } });
			expect(viewed.json['attributes']).toEqual({ theme: 'dark', locale: 'de' });
		}
	});

	test('is changed only from the version that the client names', async () => {
		const token = await client.login();
		// Another instance may show the session as it was, within the staleness bound.
		const target = { 'x-local-target': 'session-server-1' };
		const { headers } = await client.call('GET', '/v1/session', { token, headers: target });
		const etag = headers.get('etag') ?? '';
		const change = (theme: string) =>
			client.call('PATCH', '/v1/session', {
				token,
				headers: { ...target, 'if-match': etag },
				body: { attributes: { theme } },
			});
		expect((await change('dark')).status).toBe(200);
		const second = await change('light');
		expect(second.json).toMatchObject({ status: 409, code: 'version_conflict' });
		const viewed = await client.call('GET', '/v1/session', { token, headers: target });
		expect(viewed.json['attributes']).toEqual({ theme: 'dark' });
	});

	test('does not count as used when it is viewed', async () => {
		const token = await client.login();
		const before = (await client.call('GET', '/v1/session', { token })).json['idleExpiresAt'];
		await new Promise((resolve) => setTimeout(resolve, 1_200));
		expect((await client.call('GET', '/v1/session', { token })).json['idleExpiresAt']).toBe(before);
	});

	test('is ended everywhere and for good by a logout, and a second logout succeeds', async () => {
		const token = await client.login();
		const out = await client.call('DELETE', '/v1/session', {
			cookie: `__Host-Http-session=${token}`,
			headers: { 'x-requested-with': 'test' },
		});
		expect(out.status).toBe(204);
		expect(out.headers.get('set-cookie')).toMatch(/^__Host-Http-session=; .*Max-Age=0$/);
		await new Promise((resolve) => setTimeout(resolve, 2_100));
		for (const target of ['session-server-1', 'session-server-2']) {
			const { json } = await client.call('GET', '/v1/session', { token, headers: { 'x-local-target': target } });
			expect(json).toMatchObject({ status: 401, code: 'session_revoked' });
		}
		expect((await client.call('DELETE', '/v1/session', { token })).status).toBe(204);
	});

	test('is decided from memory, without a remote call, once an instance has a copy', async () => {
		const token = await client.login();
		const headers = { 'x-local-target': 'session-server-1' };
		await client.call('GET', '/v1/authorize?service=profile', { token, headers });
		const { evidence } = await client.call('GET', '/v1/authorize?service=profile', { token, headers });
		expect(evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
	});
});

describe('a logout that is to be confirmed everywhere', () => {
	test('is confirmed even by instances that get no requests, and says how long that took', async () => {
		const token = await client.login();
		for (const target of ['session-server-1', 'session-server-2'])
			await client.call('GET', '/v1/session', { token, headers: { 'x-local-target': target } });
		const ask = () =>
			client.call('DELETE', '/v1/session?confirm=everywhere', {
				token,
				headers: { 'x-local-target': 'session-server-1' },
			});
		const first = await ask();
		expect(first).toMatchObject({ status: 202, json: { complete: true, confirmed: false, waitingFor: 1 } });
		expect(first.headers.get('retry-after')).toBe('1');
		let out = first;
		while (out.status === 202) out = await ask();
		expect(out.json).toMatchObject({ complete: true, confirmed: true, waitingFor: 0 });
		expect(out.json['afterMs']).toBeLessThanOrEqual(leaseDurationMs + 2_000);
		expect(out.evidence?.remoteCalls).toBeGreaterThan(1);
		const tried = await client.call('GET', '/v1/session', { token, headers: { 'x-local-target': 'session-server-2' } });
		expect(tried.json).toMatchObject({ status: 401, code: 'session_revoked' });
	});

	test('is a 400 if it asks for any other confirmation', async () => {
		const token = await client.login();
		const called = await client.call('DELETE', '/v1/session?confirm=somewhere', { token });
		expect(called.json).toMatchObject({ status: 400, code: 'request_malformed', field: 'confirm' });
	});
});

describe('changes with a cookie', () => {
	const attempt = async (headers: Record<string, string>) => {
		const token = await client.login();
		return client.call('DELETE', '/v1/session', { cookie: `__Host-Http-session=${token}`, headers });
	};

	test('are refused if another site may have sent them', async () => {
		for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { origin: 'https://elsewhere.example' }]) {
			expect((await attempt(headers)).json).toMatchObject({ status: 403, code: 'cross_origin_refused' });
		}
	});

	test('are made from the same origin, which has no TLS in the local region', async () => {
		const { origin, port } = new URL(client.region.url);
		expect((await attempt({ origin: `https://127.0.0.1:${port}` })).status).toBe(403);
		expect((await attempt({ origin })).status).toBe(204);
	});

	test('are made with a custom header', async () => {
		expect((await attempt({ 'x-requested-with': 'fetch' })).status).toBe(204);
	});
});

describe('while every repository is down', () => {
	const repositories = ['dynamodb', 's3'];
	const inState = async (fault: string) => {
		for (const service of repositories) await client.control('PUT', `/services/${service}`, { fault });
	};
	const at = (process: string) => ({ 'x-local-target': process });

	test('a session server decides from memory, and answers 503 with Retry-After without a copy', async () => {
		const idToken = await client.region.mint({ subject: 'alan' });
		const established = await client.call('POST', '/v1/sessions', {
			token: idToken,
			headers: at('session-server-1'),
			body: { delivery: 'bearer' },
		});
		const token = String(established.json['token']);
		await inState('error');
		try {
			const warm = await client.call('GET', '/v1/authorize?service=profile', {
				token,
				headers: at('session-server-1'),
			});
			expect(warm.status).toBe(204);
			const cold = await client.call('GET', '/v1/authorize?service=profile', {
				token,
				headers: at('session-server-2'),
			});
			expect(cold.json).toMatchObject({ status: 503, code: 'unavailable' });
			expect(cold.headers.get('retry-after')).toBe('1');
			const login = await client.call('POST', '/v1/sessions', { token: idToken });
			expect(login.json).toMatchObject({
				status: 503,
				title: 'The request cannot be processed at the moment. Try again after the time in Retry-After.',
			});
		} finally {
			await inState('none');
		}
		const again = await client.call('GET', '/v1/authorize?service=profile', { token, headers: at('session-server-2') });
		expect(again.status).toBe(204);
	});
});

function timeText(ms: number): string {
	return new Date(ms).toISOString();
}
