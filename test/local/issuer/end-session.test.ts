import { expect, test } from 'vitest';
import { issuerClient, tokenRequest } from './issuer-client.ts';

const after = 'http://127.0.0.1:9/app/';

async function loggedIn() {
	const client = await issuerClient();
	const { code } = await client.logIn();
	const { json } = await client.post('/token', tokenRequest(code));
	const idToken = String(json['id_token']);
	const isLoggedIn = async () => 'code' in (await client.browse(client.link({ prompt: 'none' }))).answer;
	return { ...client, idToken, isLoggedIn };
}

test('with an ID token of the session, the logout returns to the application at once', async () => {
	const { browse, idToken, isLoggedIn } = await loggedIn();
	const query = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: after, state: 's' });
	expect(await browse(`/end_session?${query}`)).toMatchObject({ status: 303, location: `${after}?state=s` });
	expect(await isLoggedIn()).toBe(false);
});

test('the ID token may have expired', async () => {
	const { browse, issuer, isLoggedIn } = await loggedIn();
	const expired = await issuer.mint({ subject: 'ada', expiresInSeconds: -10 });
	expect((await browse(`/end_session?id_token_hint=${expired}`)).page).toContain('You are logged out');
	expect(await isLoggedIn()).toBe(false);
});

test('without one, the user confirms the logout', async () => {
	const { browse, isLoggedIn } = await loggedIn();
	const query = new URLSearchParams({ client_id: 'leasehold-local', post_logout_redirect_uri: after });
	expect((await browse(`/end_session?${query}`)).page).toContain('Log out?');
	expect(await isLoggedIn()).toBe(true);
	expect(await browse(`/end_session?${query}`, { step: 'log-out' })).toMatchObject({ status: 303, location: after });
	expect(await isLoggedIn()).toBe(false);
});

test('an ID token of another user does not end the session without a question', async () => {
	const { browse, issuer, isLoggedIn } = await loggedIn();
	const other = await issuer.mint({ subject: 'grace' });
	expect((await browse(`/end_session?id_token_hint=${other}`)).page).toContain('Log out?');
	expect(await isLoggedIn()).toBe(true);
});

test('without a page to return to, the logout ends on a page', async () => {
	const { browse, idToken } = await loggedIn();
	expect((await browse(`/end_session?id_token_hint=${idToken}`)).page).toContain('You are logged out');
});

test('without a session, the browser returns to the application', async () => {
	const { browse } = await issuerClient();
	const query = new URLSearchParams({ client_id: 'leasehold-local', post_logout_redirect_uri: after });
	expect(await browse(`/end_session?${query}`)).toMatchObject({ status: 303, location: after });
});

test.each([
	[
		'a page that is not registered',
		{ client_id: 'leasehold-local', post_logout_redirect_uri: 'https://evil.example/' },
	],
	['a script', { client_id: 'leasehold-local', post_logout_redirect_uri: 'javascript:alert(1)' }],
	['no client', { post_logout_redirect_uri: after }],
	['a hint that nobody signed', { id_token_hint: 'e30.e30.e30', post_logout_redirect_uri: after }],
	['a hint and another client', { client_id: 'second', id_token_hint: 'mint', post_logout_redirect_uri: after }],
])('a logout with %s gets a page and is never redirected', async (_, parameters) => {
	const second = { id: 'second', redirectUris: [], postLogoutRedirectUris: [after], allowsOwnMachine: false };
	const { browse, issuer } = await issuerClient({ clients: [second] });
	const query = new URLSearchParams(parameters);
	if (query.get('id_token_hint') === 'mint') query.set('id_token_hint', await issuer.mint({ subject: 'ada' }));
	for (const form of [undefined, { step: 'log-out' }]) {
		const { status, location } = await browse(`/end_session?${query}`, form);
		expect({ status, location }).toEqual({ status: 400, location: null });
	}
});
