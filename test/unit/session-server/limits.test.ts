import { describe, expect, test } from 'vitest';
import { apiRequest } from '../../support/api-request.ts';
import { createMemoryDeployment } from '../../support/memory/memory-deployment.ts';

/* A client that floods an instance is answered 429 without a call. Other clients notice nothing. */

async function setUp() {
	let calls = 0;
	const { api, clock, feed } = createMemoryDeployment(['draft'], {
		reach: (bus) => (message) => {
			calls++;
			return bus(message);
		},
	});
	const send = (method: string, path: string, token: string, body?: string) =>
		api(
			apiRequest({
				method,
				path,
				headers: { authorization: `Bearer ${token}` },
				...(body === undefined ? {} : { body }),
			}),
			'r',
		);
	const login = async (subject: string): Promise<string> =>
		JSON.parse((await send('POST', '/v1/sessions', subject, '{"delivery":"bearer"}')).body ?? '').token;
	return {
		send,
		login,
		clock,
		api,
		change: (token: string, draft: unknown) =>
			send('PATCH', '/v1/session', token, JSON.stringify({ attributes: { draft } })),
		entries: async () => (await feed.read(0, Number.MAX_SAFE_INTEGER)).length,
		callsOf: async (action: () => Promise<unknown>) => {
			const before = calls;
			await action();
			return calls - before;
		},
	};
}

describe('one token', () => {
	test.each(['live', 'dead'])('that is %s gets 429 beyond its rate, without a call', async (life) => {
		const { send, login, clock, callsOf } = await setUp();
		const [token, bystander] = [await login('ann'), await login('ben')];
		if (life === 'dead') await send('DELETE', '/v1/session', token);
		const view = () => send('GET', '/v1/session', token);
		const usual = life === 'dead' ? 401 : 200;
		const statuses = new Map<number, number>();
		const calls = await callsOf(async () => {
			for (let sent = 0; sent < 1_200; sent++) {
				const { status } = await view();
				statuses.set(status, (statuses.get(status) ?? 0) + 1);
			}
		});
		expect(calls).toBe(0);
		expect([...statuses.keys()]).toEqual([usual, 429]);
		expect(await view()).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
		expect(await send('GET', '/v1/session', bystander)).toMatchObject({ status: 200 });
		clock.advance(1_000);
		expect(await view()).toMatchObject({ status: usual });
	});

	test('may change its session fifty times at once', async () => {
		const { change, login, callsOf } = await setUp();
		const token = await login('ann');
		for (let changes = 0; changes < 45; changes++) expect((await change(token, changes)).status).toBe(200);
		const calls = await callsOf(async () => {
			for (let changes = 0; changes < 100; changes++) await change(token, `more ${changes}`);
		});
		expect(calls).toBeLessThan(12);
		const refused = await change(token, 'too much');
		expect(refused.status).toBe(429);
		expect(JSON.parse(refused.body ?? '')).toMatchObject({ code: 'too_many_requests', status: 429 });
	});
});

test('the sessions of a subject may be listed and ended nine times at once', async () => {
	const { send, login, callsOf } = await setUp();
	const token = await login('ann');
	const statuses: number[] = [];
	const all = async () => {
		for (let sent = 0; sent < 10; sent++)
			statuses.push((await send(sent % 2 === 0 ? 'GET' : 'DELETE', '/v1/sessions', token)).status);
	};
	await all();
	expect(statuses.slice(0, 9).every((status) => status === 200)).toBe(true);
	expect(await callsOf(all)).toBe(0);
	expect(statuses.at(-1)).toBe(429);
});

test('a change that changes nothing is answered without a write', async () => {
	const { change, login, callsOf, entries } = await setUp();
	const token = await login('ann');
	await change(token, 'same');
	await change(token, 'same'); // Reads the session again.
	const before = await entries();
	expect(await callsOf(() => change(token, 'same'))).toBe(1);
	expect(await change(token, 'same')).toMatchObject({ status: 200 });
	expect(await entries()).toBe(before);
	expect(await callsOf(() => change(token, null))).toBeGreaterThan(0);
});

describe('failed logins', () => {
	// An unknown key makes a login unavailable, and any client can make one up.
	test.each([
		['refused', 401],
		['unavailable', 503],
	] as const)('that are %s are limited by source address, before the ID token is verified', async (kind, status) => {
		let verified = 0;
		const { api } = createMemoryDeployment([], {
			verifyIdToken: async () => {
				verified++;
				return { kind, reason: 'no' };
			},
		});
		const login = async (sourceAddress: string) => {
			const request = apiRequest({ method: 'POST', path: '/v1/sessions', headers: { authorization: 'Bearer x' } });
			return (await api({ ...request, sourceAddress }, 'r')).status;
		};
		for (let tries = 0; tries < 100; tries++) expect(await login('192.0.2.1')).toBe(status);
		expect(await login('192.0.2.1')).toBe(429);
		expect(verified).toBe(100);
		expect(await login('192.0.2.2')).toBe(status);
		for (let tries = 0; tries < 100; tries++) await login(`2001:db8:1:2:3:4:5:${tries.toString(16)}`);
		expect(await login('2001:db8:1:2:9:9:9:9')).toBe(429);
		expect(await login('2001:db8:1:3:3:4:5:6')).toBe(status);
		for (let tries = 0; tries < 100; tries++) await login(`2001:db8::${tries.toString(16)}:1:2:3`);
		expect(await login('2001:db8::9:9')).toBe(429);
		expect(await login('2001:db8:0:1::1')).toBe(status);
	});
});
