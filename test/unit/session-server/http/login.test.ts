import { describe, expect, test } from 'vitest';
import type { VerifyIdToken } from '../../../../functions/session-server/identity/id-token.ts';
import { clearedCookie } from '../../../support/browser-settings.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { loggedIn } from '../../../support/logged-in.ts';

describe('a login that comes with a session of the same subject', () => {
	const login = { method: 'POST', path: '/v1/sessions', headers: { authorization: 'Bearer ada' } };

	test('in the cookie ends that session, and tells its handle', async () => {
		const { ask, token } = await loggedIn();
		const { handle } = (await ask({ headers: { authorization: `Bearer ${token}` } })).json;
		const { status, json } = await ask({ ...login, cookies: [`__Host-Http-session=${token}`] });
		expect([status, json['replaced']]).toEqual([201, { handle, ended: true }]);
		const former = await ask({ headers: { authorization: `Bearer ${token}` } });
		expect(former.json).toMatchObject({ code: 'session_revoked' });
	});

	test('in the body ends that one, and not the one in the cookie', async () => {
		const { ask, token, logIn } = await loggedIn();
		const other = await logIn('ada');
		const body = JSON.stringify({ replaces: token });
		const { json } = await ask({ ...login, body, cookies: [`__Host-Http-session=${other}`] });
		expect(json['replaced']).toMatchObject({ ended: true });
		expect((await ask({ headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
		expect((await ask({ headers: { authorization: `Bearer ${other}` } })).status).toBe(200);
	});

	test('in the cookie clears the cookie if the new token is a bearer token', async () => {
		const { ask, token } = await loggedIn();
		const bearer = { ...login, body: '{"delivery":"bearer"}' };
		expect(await ask({ ...bearer, cookies: [`__Host-Http-session=${token}`] })).toMatchObject({
			cookies: [clearedCookie],
		});
		expect(await ask(bearer)).not.toHaveProperty('cookies');
	});
});

describe('the timeouts of the client that logs in', () => {
	const minute = 60_000;
	const timeouts = {
		usual: { absoluteMs: 60 * minute, idleMs: 10 * minute },
		persistent: { absoluteMs: 600 * minute, idleMs: 30 * minute },
	};
	const verifyIdToken: VerifyIdToken = async (subject) => ({
		kind: 'verified',
		identity: { subject, scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs },
		timeouts,
	});

	test.each<[string, object, typeof timeouts.usual]>([
		['a login', {}, timeouts.usual],
		['a login for a bearer token', { delivery: 'bearer' }, timeouts.usual],
		['a login that asks for a persistent cookie', { persistent: true }, timeouts.persistent],
		['a login without a cookie that could be persistent', { delivery: 'bearer', persistent: true }, timeouts.usual],
	])('are those of its session: %s', async (_, body, expected) => {
		const { ask } = await loggedIn({ verifyIdToken });
		const { json, cookies } = await ask({
			method: 'POST',
			path: '/v1/sessions',
			headers: { authorization: 'Bearer grace' },
			body: JSON.stringify(body),
		});
		expect(json['session']).toMatchObject({
			absoluteExpiresAt: new Date(exampleStartMs + expected.absoluteMs).toISOString(),
			idleExpiresAt: new Date(exampleStartMs + expected.idleMs).toISOString(),
		});
		const maxAge = /Max-Age=\d+/.exec(cookies?.join() ?? '')?.[0];
		expect(maxAge).toBe(expected === timeouts.persistent ? 'Max-Age=36000' : undefined);
	});

	test('end the session', async () => {
		const { ask, logIn, clock } = await loggedIn({ verifyIdToken });
		const [used, unused] = [await logIn('grace'), await logIn('grace')];
		const use = (token: string) =>
			ask({ path: '/v1/authorize/service', headers: { authorization: `Bearer ${token}` } });
		for (let minutes = 9; minutes < 60; minutes += 9) {
			clock.advance(9 * minute);
			expect((await use(used)).status).toBe(204);
		}
		expect((await use(unused)).json['code']).toBe('session_expired_idle');
		clock.advance(6 * minute);
		expect((await use(used)).json['code']).toBe('session_expired_absolute');
	});
});
