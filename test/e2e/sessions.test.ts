import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { authorize, type Called, call, deployed, idToken, login } from './client.ts';

/** An instance serves one request at a time, so this starts as many as a small machine can run. */
const atOnce = 4;

const isEmulated = deployed.endpoint !== undefined;

function isProblem({ status, json, headers }: Called, expected: number, code: string): void {
	expect(json).toMatchObject({ status: expected, code });
	expect(status).toBe(expected);
	expect(headers['content-type']).toBe('application/problem+json');
	expect(headers['cache-control']).toBe('no-store');
}

function instancesOf(decisions: readonly Called[]): Set<string> {
	return new Set(decisions.map(({ evidence }) => String(evidence?.instanceId)));
}

describe('a session', () => {
	let token: string;
	beforeAll(async () => {
		token = await login();
	});

	test('a login creates a session and sets its token as a cookie that scripts and other sites do not get', async () => {
		const { status, headers, json } = await call('POST', '/v1/sessions', { token: await idToken() });
		expect(status).toBe(201);
		expect(json).toMatchObject({ session: { assuranceLevel: 1 } });
		expect(json).not.toHaveProperty('token');
		const [cookie = ''] = [headers['set-cookie'] ?? []].flat();
		expect(cookie).toMatch(/^__Host-Http-session=[\w-]{112};/);
		for (const attribute of ['Secure', 'HttpOnly', 'Path=/', 'SameSite=Lax']) expect(cookie).toContain(attribute);
		const byCookie = await call('GET', '/v1/session', { cookie: String(cookie.split(';')[0]) });
		expect(byCookie.status).toBe(200);
	});

	test('an instance that has a copy decides without a remote call', async () => {
		// A client cannot choose the instance. On a busy machine an instance may be asked again too
		// late.
		const seenMs = new Map<string, number>();
		for (let attempt = 0; attempt < 20; attempt++) {
			const sentMs = performance.now();
			const { status, evidence } = await authorize(token);
			expect(status).toBe(204);
			if (!isEmulated || evidence === undefined) return;
			const sinceMs = performance.now() - (seenMs.get(evidence.instanceId) ?? Number.NEGATIVE_INFINITY);
			if (sinceMs < timingDefaults.maxStalenessMs / 2) {
				expect(evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
				return;
			}
			seenMs.set(evidence.instanceId, sentMs);
		}
		expect.unreachable('no instance was asked twice');
	});

	test('every instance lets a session in, even if it has never seen the session', async () => {
		// Only the owner has a copy of a new session.
		const token = await login();
		const decisions: Called[] = [];
		for (let round = 0; round < 10 && instancesOf(decisions).size < 3; round++)
			decisions.push(...(await Promise.all(Array.from({ length: atOnce }, () => authorize(token)))));
		expect(decisions.map(({ status }) => status)).toEqual(decisions.map(() => 204));
		if (!isEmulated) return;
		expect(instancesOf(decisions).size).toBeGreaterThan(1);
		const cold = decisions.filter(({ evidence }) => evidence?.source === 'borrowed');
		expect(cold.length).toBeGreaterThan(0);
		for (const { evidence } of cold) expect(evidence?.instanceId).not.toBe(evidence?.owner.instanceId);
	});

	test('a client changes attributes, unless it names another version than the current one', async () => {
		const changed = await call('PATCH', '/v1/session', { token, body: { attributes: { theme: 'dark' } } });
		expect(changed.status).toBe(200);
		expect(changed.json).toMatchObject({ attributes: { theme: 'dark' } });
		const late = await call('PATCH', '/v1/session', {
			token,
			headers: { 'if-match': `"${changed.json['version']}x"` },
			body: { attributes: { theme: 'light' } },
		});
		isProblem(late, 409, 'version_conflict');
	});
});

test('a client that carries a copy is let in by every instance, and none of them asks the bus', async () => {
	const client = { token: '', copy: '' };
	// An environment of the bus publishes its key with its first messages.
	const logIn = async () => {
		const { json, headers } = await call('POST', '/v1/sessions', {
			token: await idToken(),
			body: { delivery: 'bearer' },
		});
		Object.assign(client, { token: String(json['token']), copy: String(headers['leasehold-copy'] ?? '') });
		return client.copy;
	};
	await expect.poll(logIn, { timeout: 20_000, interval: 500 }).toMatch(/^1\./);
	const headers = { 'leasehold-copy': client.copy };
	const decide = () => call('GET', '/v1/authorize?service=profile', { token: client.token, headers });
	const decisions: Called[] = [];
	for (let round = 0; round < 10 && instancesOf(decisions).size < 3; round++)
		decisions.push(...(await Promise.all(Array.from({ length: atOnce }, decide))));
	expect(decisions.map(({ status }) => status)).toEqual(decisions.map(() => 204));
	if (!isEmulated) return;
	const sources = new Set(decisions.map(({ evidence }) => evidence?.source));
	expect([...sources].sort()).toEqual(['carried', 'memory']);
});

describe('a logout', () => {
	test('no instance lets a logged-out session in after the staleness bound', async () => {
		const token = await login();
		const before = await Promise.all(Array.from({ length: atOnce }, () => authorize(token)));
		expect(before.map(({ status }) => status)).toEqual(before.map(() => 204));
		expect((await call('DELETE', '/v1/session', { token })).status).toBe(204);
		await delay(timingDefaults.maxStalenessMs);
		const after = await Promise.all(Array.from({ length: 2 * atOnce }, () => authorize(token)));
		for (const decision of after) isProblem(decision, 401, 'session_revoked');
	});

	test('a logout is proved if the client asks for that', async () => {
		const token = await login();
		const ask = () => call('DELETE', '/v1/session?confirm=everywhere', { token });
		let proved = await ask();
		// Idle instances prove nothing until their leases have expired.
		for (let again = 0; again < 12 && proved.status === 202; again++) {
			await delay(1_000);
			proved = await ask();
		}
		const proof = { complete: true, confirmed: true, afterMs: expect.any(Number) };
		expect(proved).toMatchObject({ status: 200, json: proof });
		isProblem(await authorize(token), 401, 'session_revoked');
	});
});

describe('wrong input', () => {
	test.each<[string, () => Promise<Called>, number, string]>([
		['no token', () => call('GET', '/v1/authorize?service=profile'), 401, 'session_missing'],
		['a forged token', () => authorize('A'.repeat(112)), 401, 'session_malformed'],
		['no ID token', () => call('POST', '/v1/sessions'), 401, 'id_token_missing'],
		['text that is not an ID token', () => call('POST', '/v1/sessions', { token: 'a.b.c' }), 401, 'id_token_refused'],
		['an unknown path', () => call('GET', '/v1/nothing'), 404, 'route_unknown'],
		['a method that the path does not have', () => call('PUT', '/v1/session'), 405, 'method_not_allowed'],
	])('%s gets its own problem', async (_, ask, status, code) => {
		isProblem(await ask(), status, code);
	});

	test('wrong input of a logged-in client gets its own problem', async () => {
		const token = await login({ scope: '' });
		isProblem(await authorize(token, 'nothing'), 404, 'service_unknown');
		isProblem(await call('GET', '/v1/authorize', { token }), 400, 'request_malformed');
		isProblem(await call('PATCH', '/v1/session', { token, body: '{' }), 400, 'request_malformed');
		const large = { attributes: { theme: 'x'.repeat(70_000) } };
		isProblem(await call('PATCH', '/v1/session', { token, body: large }), 413, 'body_too_large');
		if (isEmulated) isProblem(await authorize(token, 'billing'), 403, 'service_forbidden');
	});

	test('a change with a cookie is refused unless it proves the same origin', async () => {
		const token = await login();
		const change = { cookie: `__Host-Http-session=${token}`, body: { attributes: { theme: 'dark' } } };
		isProblem(await call('PATCH', '/v1/session', change), 403, 'cross_origin_refused');
		const ours = { ...change, headers: { 'x-requested-with': 'fetch' } };
		expect((await call('PATCH', '/v1/session', ours)).status).toBe(200);
	});
});
