import { describe, expect, test } from 'vitest';
import { clearedCookie } from '../../../support/browser-settings.ts';
import { loggedIn } from '../../../support/logged-in.ts';

const proof = { 'x-requested-with': 'test' };
const requests = [
	{ path: '/v1/session' },
	{ path: '/v1/sessions' },
	{ path: '/v1/authorize/service' },
	{ path: '/services/service/x' },
	{ method: 'DELETE', path: '/v1/sessions' },
	{ method: 'PATCH', path: '/v1/session', body: '{"attributes":{"theme":"dark"}}' },
];

describe('a cookie whose token is dead', () => {
	test.each(requests)('is cleared with the 401 for %j', async (request) => {
		const { ask, token } = await loggedIn({ services: [{ name: 'service', url: 'http://service.example' }] });
		await ask({ method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
		for (const [dead, code] of [
			[token, 'session_revoked'],
			['A'.repeat(108), 'session_malformed'],
			['', 'session_malformed'],
		]) {
			const { json, cookies } = await ask({ ...request, headers: proof, cookies: [`__Host-Http-session=${dead}`] });
			expect([json['code'], cookies]).toEqual([code, [clearedCookie]]);
		}
	});

	test('is cleared when its session has expired', async () => {
		const { ask, token, clock } = await loggedIn();
		clock.advance(25 * 3_600_000);
		const { status, cookies } = await ask({ cookies: [`__Host-Http-session=${token}`] });
		expect([status, cookies]).toEqual([401, [clearedCookie]]);
	});

	test('is cleared by a logout that has nothing to end', async () => {
		const { ask, token } = await loggedIn();
		for (const dead of ['A'.repeat(108), token.slice(1), 'of an old format']) {
			const out = await ask({ method: 'DELETE', headers: proof, cookies: [`__Host-Http-session=${dead}`] });
			expect([out.status, out.cookies]).toEqual([401, [clearedCookie]]);
		}
		const logout = { method: 'DELETE', headers: proof, cookies: [`__Host-Http-session=${token}`] };
		for (const _ of ['first', 'repeated'])
			expect(await ask(logout)).toMatchObject({ status: 204, cookies: [clearedCookie] });
	});
});

describe('a cookie that may be alive', () => {
	test('stays when a bearer token of another session is refused or logged out', async () => {
		const { ask, token, logIn } = await loggedIn();
		const cookies = [`__Host-Http-session=${await logIn('grace')}`];
		const logout = await ask({ method: 'DELETE', headers: { authorization: `Bearer ${token}` }, cookies });
		expect([logout.status, logout.cookies]).toEqual([204, undefined]);
		for (const dead of [token, 'A'.repeat(108)]) {
			const refused = await ask({ headers: { authorization: `Bearer ${dead}` }, cookies });
			expect([refused.status, refused.cookies]).toEqual([401, undefined]);
		}
		expect((await ask({ cookies })).status).toBe(200);
	});

	test('stays when a bearer token ends itself by its handle', async () => {
		const { ask, token, logIn } = await loggedIn();
		const headers = { authorization: `Bearer ${token}` };
		const path = `/v1/sessions/${(await ask({ headers })).json['handle']}`;
		const cookies = [`__Host-Http-session=${await logIn('grace')}`];
		expect(await ask({ method: 'DELETE', path, headers, cookies })).not.toHaveProperty('cookies');
	});

	test('goes with the logout of a bearer token that it repeats, and without a cookie none is set', async () => {
		const { ask, token, logIn } = await loggedIn();
		const headers = { authorization: `Bearer ${token}` };
		expect(await ask({ method: 'DELETE', headers, cookies: [`__Host-Http-session=${token}`] })).toMatchObject({
			cookies: [clearedCookie],
		});
		const other = { authorization: `Bearer ${await logIn('ada')}` };
		expect(await ask({ method: 'DELETE', headers: other })).not.toHaveProperty('cookies');
	});

	test('stays when the request has several different ones, and the request is refused', async () => {
		const { ask, token, logIn } = await loggedIn();
		const [own, planted] = [token, await logIn('mallory')].map((each) => `__Host-Http-session=${each}`);
		for (const cookies of [
			[`${own}`, `${planted}`],
			[`${planted}`, `${own}`],
		]) {
			const { json, cookies: set } = await ask({ cookies });
			expect([json['code'], set]).toEqual(['session_malformed', undefined]);
		}
		expect((await ask({ cookies: [`${own}`, `${own}`] })).status).toBe(200);
	});
});
