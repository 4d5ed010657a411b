import { describe, expect, test } from 'vitest';
import { apiRequest } from '../../../support/api-request.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

const minuteMs = 60_000;

/** A client that has just logged in. Its session lives for an hour of idle time. */
async function loggedIn(options: Parameters<typeof createMemoryDeployment>[1] = {}) {
	const { api, clock } = createMemoryDeployment(['theme'], options);
	const call = async (method: string, path: string, authorization: string, body = '', query = '', more = {}) => {
		const headers = { authorization, ...more };
		const response = await api(
			apiRequest({ method, path, headers, body, query: new URLSearchParams(query) }),
			`${method} ${path}`,
		);
		return { status: response.status, json: response.body === '' ? {} : JSON.parse(response.body ?? '{}') };
	};
	const { json } = await call('POST', '/v1/sessions', 'Bearer alice', '{"delivery":"bearer"}');
	const authorization = `Bearer ${json.token}`;
	return {
		clock,
		ask: (method: string, path: string, body = '', more = {}) => call(method, path, authorization, body, '', more),
		authorize: async () => (await call('GET', '/v1/authorize', authorization, '', 'service=service')).status,
		view: async () => (await call('GET', '/v1/session', authorization)).json,
		patch: async () => (await call('PATCH', '/v1/session', authorization, '{"attributes":{"theme":"dark"}}')).json,
		list: async () => (await call('GET', '/v1/sessions', authorization)).json.sessions[0],
	};
}

describe('a use that was not reported yet', () => {
	test('prolongs the session by what the client was told, though the copy was read again since', async () => {
		const { clock, authorize, view } = await loggedIn();
		clock.advance(4.5 * minuteMs);
		expect(await authorize()).toBe(204);
		const told = await view();
		expect(Date.parse(told.idleExpiresAt)).toBe(clock.now().wallMs + 60 * minuteMs);
		clock.advance(56.5 * minuteMs);
		expect(await view()).toMatchObject({ lastSeenAt: told.lastSeenAt, idleExpiresAt: told.idleExpiresAt });
		expect(await authorize()).toBe(204);
	});

	test('is in the list of sessions as in the view of the session', async () => {
		const { clock, authorize, view, list } = await loggedIn();
		clock.advance(4.5 * minuteMs);
		expect(await authorize()).toBe(204);
		const { lastSeenAt, idleExpiresAt } = await view();
		expect(await list()).toMatchObject({ lastSeenAt, idleExpiresAt });
	});
});

test('a change counts as use, and its answer and all later ones say so', async () => {
	const { clock, authorize, view, patch } = await loggedIn();
	clock.advance(4.5 * minuteMs);
	const lastSeenAt = new Date(clock.now().wallMs).toISOString();
	expect(await patch()).toMatchObject({ lastSeenAt });
	expect(await view()).toMatchObject({ lastSeenAt });
	clock.advance(59.9 * minuteMs);
	expect(await authorize()).toBe(204);
});

const dark = '{"attributes":{"theme":"dark"}}';

test.each([
	['a change that changes nothing', 'PATCH', '/v1/session', dark, {}, 200],
	[
		'a change that comes too late',
		'PATCH',
		'/v1/session',
		'{"attributes":{"theme":"x"}}',
		{ 'if-match': '"old"' },
		409,
	],
	['ending the other sessions', 'DELETE', '/v1/sessions', '', {}, 200],
	['asking to end a session that does not exist', 'DELETE', `/v1/sessions/${'A'.repeat(22)}`, '', {}, 404],
] as const)('%s counts as use', async (_what, method, path, body, headers, status) => {
	const { clock, ask, view, patch } = await loggedIn();
	await patch();
	clock.advance(minuteMs);
	expect(await ask(method, path, body, headers)).toMatchObject({ status });
	expect(await view()).toMatchObject({ lastSeenAt: new Date(clock.now().wallMs).toISOString() });
});

test.each([
	['a list', 'read', 6 * minuteMs, 'GET', '/v1/sessions', ''],
	['a change', 'update', minuteMs, 'PATCH', '/v1/session', dark],
] as const)('%s does not set back a use that was answered while it waited for the bus', async (...row) => {
	const [, operation, passedMs, method, path, body] = row;
	const released = Promise.withResolvers<void>();
	const held = Promise.withResolvers<void>();
	const { clock, ask, authorize, view } = await loggedIn({
		reach: (bus) => async (message, withinMs) => {
			const answer = await bus(message, withinMs);
			if (message.operation !== operation || ('demand' in message && message.demand !== 'strict')) return answer;
			held.resolve();
			await released.promise;
			return answer;
		},
	});
	clock.advance(passedMs);
	const slow = ask(method, path, body);
	await held.promise;
	clock.advance(1_500);
	const lastSeenAt = new Date(clock.now().wallMs).toISOString();
	expect(await authorize()).toBe(204);
	expect(await view()).toMatchObject({ lastSeenAt });
	released.resolve();
	const { status, json } = await slow;
	expect(status).toBe(200);
	expect(json.sessions?.[0] ?? json).toMatchObject({ lastSeenAt });
	expect(await view()).toMatchObject({ lastSeenAt });
});
