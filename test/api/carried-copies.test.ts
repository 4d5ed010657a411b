import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Called, type RegionClient, startRegionClient } from './region-client.ts';

/*
 * Two session servers. A session begins at the first one, and its client goes to the second one,
 * which has no copy in memory.
 */

const copyHeader = 'leasehold-copy';
const authorizeProfile = '/v1/authorize?service=profile';
const at = (name: string, headers: Record<string, string> = {}) => ({ 'x-local-target': name, ...headers });
const [first, second] = ['session-server-1', 'session-server-2'];

let client: RegionClient;
beforeAll(async () => {
	client = await startRegionClient();
	// A bus environment publishes its key with its first messages.
	for (const target of [first, second]) await eventually(async () => (await logIn(target)).copy !== '');
});
afterAll(async () => {
	await client.region.stop();
});

/** Logs an API client in. The copy is empty if the answer had none. */
async function logIn(target: string, subject = 'grace'): Promise<{ readonly token: string; readonly copy: string }> {
	const idToken = await client.region.mint({ subject, scope: 'billing:read' });
	const body = { delivery: 'bearer' };
	const { json, headers } = await client.call('POST', '/v1/sessions', { token: idToken, headers: at(target), body });
	return { token: String(json['token']), copy: headers.get(copyHeader) ?? '' };
}

/** The cookies that a browser has after a login, as it sends them. */
async function logInBrowser(): Promise<string> {
	const token = await client.region.mint({ subject: 'ada' });
	const { headers } = await client.call('POST', '/v1/sessions', { token, headers: at(first) });
	return headers.getSetCookie().map(pairOf).join('; ');
}

function pairOf(cookie: string): string {
	return cookie.slice(0, cookie.indexOf(';'));
}

/** Any service, at the second instance, with `copy` beside the token. */
function decide({ token, copy }: { readonly token: string; readonly copy: string }): Promise<Called> {
	return client.call('GET', authorizeProfile, { token, headers: at(second, { [copyHeader]: copy }) });
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
	for (let attempt = 0; attempt < 50; attempt++) {
		if (await holds()) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error('this never came true');
}

describe('an instance without a copy of a session', () => {
	test('decides with the one that an API client carries, and does not ask the bus', async () => {
		const session = await logIn(first);
		const before = await client.busCalls();
		const { status, evidence } = await decide(session);
		expect([status, evidence?.source]).toEqual([204, 'carried']);
		expect(evidence?.knownAtMs).toBeGreaterThan(Date.now() - 60_000);
		expect(await client.busCalls()).toBe(before);
		expect((await decide(session)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
	});

	test('decides with the one in a browser’s cookie, which scripts cannot read', async () => {
		const token = await client.region.mint({ subject: 'ada' });
		const login = await client.call('POST', '/v1/sessions', { token, headers: at(first) });
		const [, copy = ''] = login.headers.getSetCookie();
		expect(copy).toMatch(/^__Host-Http-session-copy=1\.[\w.-]+; Secure; HttpOnly; Path=\/; SameSite=Lax$/);
		const cookie = login.headers.getSetCookie().map(pairOf).join('; ');
		const { status, evidence } = await client.call('GET', authorizeProfile, { cookie, headers: at(second) });
		expect([status, evidence?.source]).toEqual([204, 'carried']);
	});

	test('asks the bus without one, and gives the client one', async () => {
		const { token } = await logIn(first);
		const { status, evidence, headers } = await client.call('GET', authorizeProfile, { token, headers: at(second) });
		expect([status, evidence?.source]).toEqual([204, 'borrowed']);
		const copy = headers.get(copyHeader) ?? '';
		expect(copy).not.toBe('');
		const third = await client.call('GET', '/v1/session', { token, headers: at(first, { [copyHeader]: copy }) });
		expect(third.status).toBe(200);
	});

	test('asks the bus, and refuses nothing, if the copy is of another session, damaged, too long or no copy', async () => {
		const { copy } = await logIn(first, 'mallory');
		const cut = copy.slice(0, -10);
		const made = `${copy.split('.').slice(0, -1).join('.')}.${'A'.repeat(86)}`;
		for (const other of [copy, cut, made, 'c'.repeat(4_000), 'nothing; =like "a copy"', '']) {
			const { token } = await logIn(first);
			const { status, evidence } = await decide({ token, copy: other });
			expect([status, evidence?.source], other).toEqual([204, 'borrowed']);
		}
	});

	test('lets nobody in with a copy and no token, or the token of nobody', async () => {
		const { copy, token } = await logIn(first);
		const cookie = `__Host-Http-session-copy=${copy}`;
		const headers = at(second, { [copyHeader]: copy });
		for (const options of [
			{ headers },
			{ headers, cookie },
			{ headers: { ...headers, authorization: `Bearer ${copy}` } },
			{ headers, token: `${token.slice(0, -4)}AAAA` },
			{ headers, cookie: `${cookie}; __Host-Http-session=${copy}` },
		])
			expect((await client.call('GET', authorizeProfile, options)).status).toBe(401);
	});
});

describe('a client that carries a copy', () => {
	test('gets another one with a change', async () => {
		const { token, copy } = await logIn(first);
		const headers = at(first, { [copyHeader]: copy });
		const body = { attributes: { theme: 'dark' } };
		const changed = await client.call('PATCH', '/v1/session', { token, headers, body });
		expect(changed.headers.get(copyHeader)).not.toBe(copy);
		expect(changed.headers.get(copyHeader)).toMatch(/^1\./);
	});

	test('is let in while the bus does not answer, at an instance that has never seen its session', async () => {
		const [session, cold] = [await logIn(first), await logIn(first)];
		await decide(await logIn(first)); // The instance knows the key of the copy.
		await client.control('PUT', '/services/lambda', { fault: 'error' });
		try {
			expect(await decide(session)).toMatchObject({ status: 204, evidence: { source: 'carried' } });
			expect((await decide({ ...cold, copy: '' })).status).toBe(503);
		} finally {
			await client.control('PUT', '/services/lambda', { fault: 'none' });
		}
	});

	test('is refused by a strict service at once after a logout, and by all others within the staleness bound', async () => {
		const session = await logIn(first);
		const other = await logIn(first);
		expect((await decide(session)).status).toBe(204);
		for (const { token } of [session, other]) await client.call('DELETE', '/v1/session', { token, headers: at(first) });
		const strict = '/v1/authorize?service=payments';
		const headers = at(second, { [copyHeader]: other.copy });
		expect((await client.call('GET', strict, { token: other.token, headers })).status).toBe(401);
		await new Promise((resolve) => setTimeout(resolve, 2_100));
		for (const ended of [session, other])
			expect((await decide(ended)).json).toMatchObject({ status: 401, code: 'session_revoked' });
	});

	test('loses the cookie of it with the session cookie, by a logout and with a 401', async () => {
		const cookie = await logInBrowser();
		const proof = { 'x-requested-with': 'test' };
		const logout = { cookie, headers: at(first, proof) };
		for (const [method, status] of [
			['DELETE', 204],
			['GET', 401],
		] as const) {
			const { status: answered, headers } = await client.call(method, '/v1/session', logout);
			expect(answered).toBe(status);
			expect(headers.getSetCookie()).toEqual([
				expect.stringMatching(/^__Host-Http-session=; .*Max-Age=0$/),
				expect.stringMatching(/^__Host-Http-session-copy=; .*Max-Age=0$/),
			]);
		}
	});

	test('finds it in no line of any log', async () => {
		const session = await logIn(first);
		await decide(session);
		await decide({ ...session, copy: `${session.copy}x` });
		const logs = JSON.stringify(await client.control('GET', '/logs'));
		expect(logs).not.toContain(session.copy.slice(0, 60));
	});
});

test('a session whose only instance was killed is used at another one at once, without the bus', async () => {
	const session = await logIn(first);
	await client.control('POST', `/instances/${first}/kill`, {});
	const before = await client.busCalls();
	expect(await decide(session)).toMatchObject({ status: 204, evidence: { source: 'carried' } });
	expect(await client.busCalls()).toBe(before);
});
