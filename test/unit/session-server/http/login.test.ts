import { describe, expect, test } from 'vitest';
import { clearedCookie } from '../../../support/browser-settings.ts';
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
