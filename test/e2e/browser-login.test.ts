import { expect, test } from 'vitest';
import { type Called, call, deployed } from './client.ts';

/** The pair of the cookie whose name begins so, as browsers send it back. */
function cookieIn({ headers }: Called, name: string): string {
	const cookies = [headers['set-cookie'] ?? []].flat().map((cookie) => String(cookie.split(';')[0]));
	return cookies.find((cookie) => cookie.startsWith(name)) ?? '';
}

/** Fills in the issuer's login page. @returns the path of the callback */
async function logInAt(location: string, form: Readonly<Record<string, string>>): Promise<string> {
	const body = new URLSearchParams({ step: 'log-in', ...form });
	const response = await fetch(location, { method: 'POST', body, redirect: 'manual' });
	const callback = response.headers.get('location') ?? '';
	return callback.slice(callback.indexOf('/v1/'));
}

test.runIf('issuer' in deployed.idTokens)('a browser logs in with a link, steps up, and logs out', async () => {
	const logIn = async (query: string, factors: string, cookie = '') => {
		const begun = await call('GET', `/v1/login?return_to=/here&${query}`);
		expect(begun.status).toBe(303);
		const callback = await logInAt(String(begun.headers['location']), { user: 'ada', factors });
		const pending = cookieIn(begun, '__Host-Http-login-');
		const finished = await call('GET', callback, { cookie: [pending, cookie].filter(Boolean).join('; ') });
		expect(finished.status).toBe(303);
		expect(String(finished.headers['location'])).toMatch(/\/here$/);
		return { callback, pending, session: cookieIn(finished, '__Host-Http-session=') };
	};

	const first = await logIn('', '1');
	const view = await call('GET', '/v1/session', { cookie: first.session });
	expect(view.json).toMatchObject({ subject: 'local:ada', assuranceLevel: 1, scopes: ['billing:read'] });
	expect(await call('GET', first.callback, { cookie: first.pending })).toMatchObject({ status: 400 });
	expect(await call('GET', first.callback)).toMatchObject({ status: 400, json: { code: 'login_state_invalid' } });

	const second = await logIn('acr_values=aal2', '2', first.session);
	expect(await call('GET', '/v1/session', { cookie: second.session })).toMatchObject({ json: { assuranceLevel: 2 } });
	const statusOf = async (cookie: string) => (await call('GET', '/v1/session', { cookie })).status;
	await expect.poll(() => statusOf(first.session)).toBe(401);

	const form = { cookie: second.session, headers: { 'sec-fetch-site': 'same-origin' } };
	const out = await call('POST', '/v1/logout?return_to=/', form);
	expect(out.status).toBe(303);
	expect(String(out.headers['location'])).toContain('/end_session?');
	await expect.poll(() => statusOf(second.session)).toBe(401);
});
