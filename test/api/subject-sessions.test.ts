import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Called, type RegionClient, startRegionClient } from './region-client.ts';

let client: RegionClient;
let people = 0;

beforeAll(async () => {
	client = await startRegionClient({
		services: [{ name: 'vault', freshness: 'strict' }],
		sessionServerVariables: { LEASEHOLD_QUOTA_MAX: '3', LEASEHOLD_QUOTA_ACTION: 'deny' },
	});
});

afterAll(async () => {
	await client.region.stop();
});

/** A new subject with this number of sessions. */
async function someone(logins: number) {
	const subject = `person-${people++}`;
	const tokens: string[] = [];
	for (let count = 0; count < logins; count++) tokens.push(await client.login({ subject }));
	const [first = '', second = '', third = ''] = tokens;
	return { subject, tokens, first, second, third };
}

async function handleOf(token: string): Promise<string> {
	return String((await client.call('GET', '/v1/session', { token })).json['handle']);
}

function sessionsIn({ json }: Called): { handle: string; current: boolean }[] {
	return json['sessions'] as { handle: string; current: boolean }[];
}

async function statusOf(token: string): Promise<unknown> {
	const { status, json } = await client.call('GET', '/v1/authorize?service=vault', { token });
	return status === 204 ? 204 : json['code'];
}

describe('the list of sessions', () => {
	test('has the sessions of the subject, newest first, and marks the current one', async () => {
		const { first, second } = await someone(2);
		await client.login({ subject: 'somebody-else' });
		const called = await client.call('GET', '/v1/sessions', { token: first });
		expect(called.status).toBe(200);
		expect(called.headers.get('cache-control')).toBe('no-store');
		const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
		expect(called.json).toEqual({
			sessions: [await handleOf(second), await handleOf(first)].map((handle, index) => ({
				handle,
				current: index === 1,
				assuranceLevel: 1,
				authenticatedAt: time,
				createdAt: time,
				lastSeenAt: time,
				idleExpiresAt: time,
				absoluteExpiresAt: time,
			})),
		});
	});

	test('does not have a session whose logout was acknowledged', async () => {
		const { first, second } = await someone(2);
		await client.call('DELETE', '/v1/session', { token: second });
		const called = await client.call('GET', '/v1/sessions', { token: first });
		expect(sessionsIn(called)).toMatchObject([{ handle: await handleOf(first), current: true }]);
	});

	test('is refused without a live session', async () => {
		const { first } = await someone(1);
		expect((await client.call('GET', '/v1/sessions')).json).toMatchObject({ status: 401, code: 'session_missing' });
		expect((await client.call('GET', '/v1/sessions', { token: 'x' })).json).toMatchObject({
			code: 'session_malformed',
		});
		await client.call('DELETE', '/v1/session', { token: first });
		for (const method of ['GET', 'DELETE'])
			expect((await client.call(method, '/v1/sessions', { token: first })).json).toMatchObject({
				status: 401,
				code: 'session_revoked',
			});
	});
});

describe('ending the other sessions', () => {
	test('ends them everywhere, leaves the current one, and ends none when it is repeated', async () => {
		const { first, second, third } = await someone(3);
		const ended = await client.call('DELETE', '/v1/sessions', { token: second });
		expect(ended).toMatchObject({ status: 200, json: { ended: 2, complete: true } });
		expect(await statusOf(first)).toBe('session_revoked');
		expect(await statusOf(third)).toBe('session_revoked');
		expect(sessionsIn(await client.call('GET', '/v1/sessions', { token: second }))).toHaveLength(1);
		const again = await client.call('DELETE', '/v1/sessions', { token: second });
		expect(again).toMatchObject({ status: 200, json: { ended: 0, complete: true } });
	});

	test('needs proof of its origin beside a cookie', async () => {
		const { first, second } = await someone(2);
		const cookie = `__Host-Http-session=${first}`;
		for (const path of ['/v1/sessions', `/v1/sessions/${await handleOf(second)}`])
			expect((await client.call('DELETE', path, { cookie })).json).toMatchObject({ code: 'cross_origin_refused' });
		const headers = { 'x-requested-with': 'test' };
		expect((await client.call('DELETE', '/v1/sessions', { cookie, headers })).json).toMatchObject({ ended: 1 });
	});
});

describe('ending one session', () => {
	test('ends only that one, and succeeds if it has already been ended', async () => {
		const { first, second, third } = await someone(3);
		const handle = await handleOf(third);
		for (let time = 0; time < 2; time++)
			expect((await client.call('DELETE', `/v1/sessions/${handle}`, { token: first })).status).toBe(204);
		expect(await statusOf(third)).toBe('session_revoked');
		expect(await Promise.all([first, second].map(async (token) => handleOf(token)))).not.toContain('undefined');
	});

	test('of another subject gets the same answer as a session that does not exist, and ends nothing', async () => {
		const [{ first: mine }, { first: theirs }] = [await someone(1), await someone(1)];
		const end = (handle: string) => client.call('DELETE', `/v1/sessions/${handle}`, { token: mine });
		const ofTheirs = await handleOf(theirs);
		const calls = { other: Infinity, unknown: Infinity };
		// Some of the requests also sync.
		for (let attempt = 0; attempt < 4; attempt++) {
			const [other, unknown] = [await end(ofTheirs), await end(`${'A'.repeat(21)}Q`)];
			expect(other.json).toMatchObject({ status: 404, code: 'handle_unknown' });
			expect(other.text).toBe(unknown.text);
			calls.other = Math.min(calls.other, Number(other.evidence?.remoteCalls));
			calls.unknown = Math.min(calls.unknown, Number(unknown.evidence?.remoteCalls));
		}
		expect(calls.other).toBe(calls.unknown);
		expect(await statusOf(theirs)).toBe(204);
	});

	test('may end the current one, and then clears its cookie', async () => {
		const { first } = await someone(1);
		const out = await client.call('DELETE', `/v1/sessions/${await handleOf(first)}`, {
			cookie: `__Host-Http-session=${first}`,
			headers: { 'x-requested-with': 'test' },
		});
		expect(out.status).toBe(204);
		expect(out.headers.get('set-cookie')).toMatch(/^__Host-Http-session=; .*Max-Age=0$/);
		expect(await statusOf(first)).toBe('session_revoked');
	});

	test('with a malformed handle is a 400 that names it', async () => {
		const { first } = await someone(1);
		for (const handle of ['x', `${'A'.repeat(21)}B`, 'A'.repeat(5_000), `${'A'.repeat(21)}Q%0a`]) {
			const { json } = await client.call('DELETE', `/v1/sessions/${handle}`, { token: first });
			expect(json).toMatchObject({ status: 400, code: 'request_malformed', field: 'handle' });
		}
		for (const path of ['/v1/sessions/', '/v1/sessions/a/b'])
			expect((await client.call('DELETE', path, { token: first })).json).toMatchObject({ code: 'route_unknown' });
		const got = await client.call('GET', `/v1/sessions/${'A'.repeat(22)}`, { token: first });
		expect(got).toMatchObject({ status: 405, json: { code: 'method_not_allowed' } });
		expect(got.headers.get('allow')).toBe('DELETE');
	});
});

describe('the quota', () => {
	test('denies further logins with a problem that names the limit, until a session ends', async () => {
		const { subject, first } = await someone(3);
		const idToken = await client.region.mint({ subject });
		const denied = await client.call('POST', '/v1/sessions', { token: idToken });
		expect(denied.json).toMatchObject({
			status: 409,
			code: 'quota_exceeded',
			expected: 'at most 3 sessions per subject',
		});
		expect(denied.headers.get('set-cookie')).toBeNull();
		await client.call('DELETE', '/v1/session', { token: first });
		expect((await client.call('POST', '/v1/sessions', { token: idToken })).status).toBe(201);
	});
});
