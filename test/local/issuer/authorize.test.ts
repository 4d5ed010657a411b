import { expect, test } from 'vitest';
import { authorization, callback, issuerClient } from './issuer-client.ts';

test('the page of a correct request offers the users, loads nothing, and no other page can frame it', async () => {
	const { browse, link } = await issuerClient();
	const { status, page, headers } = await browse(link({ login_hint: 'grace' }));
	expect(status).toBe(200);
	expect(page).toContain('value="grace" checked');
	expect(page).not.toMatch(/<script|src=|href=/);
	const policy = headers.get('content-security-policy');
	expect(policy).toContain("default-src 'none'");
	expect(policy).toContain("frame-ancestors 'none'");
});

test('the page shows what the link says as text', async () => {
	const { browse, link } = await issuerClient();
	const { page } = await browse(link({ login_hint: '"><script>alert(1)</script>' }));
	expect(page).not.toContain('<script>');
	expect(page).toContain('&#34;&#62;&#60;script&#62;');
});

test('a login returns a code, the state and the issuer', async () => {
	const { issuer, logIn } = await issuerClient();
	expect(await logIn()).toEqual({ code: expect.any(String), state: 'the-state', iss: issuer.url });
});

test.each(['http://localhost:8787', 'http://[::1]:1', 'https://api.localhost:4566', 'http://127.0.0.1:9/sessions'])(
	'the callback of an API of this machine at %s needs no registration',
	async (own) => {
		const { logIn } = await issuerClient();
		expect(await logIn({ redirect_uri: `${own}/v1/login/callback` })).toMatchObject({ code: expect.any(String) });
	},
);

test.each([
	['an unknown client', { client_id: 'somebody' }],
	['a host that is not registered', { redirect_uri: 'https://evil.example/v1/login/callback' }],
	['a host that begins like this machine', { redirect_uri: 'http://127.0.0.1.evil.example/v1/login/callback' }],
	['a host that ends like this machine', { redirect_uri: 'http://evil.example.notlocalhost/v1/login/callback' }],
	['a user in front of the host', { redirect_uri: 'http://127.0.0.1@evil.example/v1/login/callback' }],
	['another path of this machine', { redirect_uri: 'http://127.0.0.1:9/elsewhere' }],
	['a fragment', { redirect_uri: `${callback}#x` }],
	['no redirect_uri', { redirect_uri: undefined }],
])('a request with %s gets a page and is never redirected', async (_, changes) => {
	const { browse, link } = await issuerClient();
	await browse(link(), { step: 'log-in', user: 'ada' });
	for (const form of [undefined, { step: 'log-in', user: 'ada' }, { step: 'cancel' }]) {
		const { status, location, page } = await browse(link(changes), form);
		expect({ status, location }).toEqual({ status: 400, location: null });
		expect(page).toContain('This link does not work');
	}
});

test('a request that says something twice gets a page, because readers may differ in which one counts', async () => {
	const { browse, link } = await issuerClient();
	const { status, location } = await browse(`${link()}&redirect_uri=${encodeURIComponent('https://evil.example/')}`);
	expect({ status, location }).toEqual({ status: 400, location: null });
});

test.each([
	[{ response_type: 'id_token' }, 'unsupported_response_type'],
	[{ response_mode: 'fragment' }, 'invalid_request'],
	[{ scope: 'profile' }, 'invalid_scope'],
	[{ code_challenge: undefined }, 'invalid_request'],
	[{ code_challenge: 'short' }, 'invalid_request'],
	[{ code_challenge_method: 'plain' }, 'invalid_request'],
	[{ code_challenge_method: undefined }, 'invalid_request'],
	[{ prompt: 'none login' }, 'invalid_request'],
	[{ max_age: '-1' }, 'invalid_request'],
	[{ request: 'e30.e30.' }, 'request_not_supported'],
	[{ prompt: 'none' }, 'login_required'],
])('a request with %j returns %s to the client, with its state', async (changes, error) => {
	const { issuer, browse, link } = await issuerClient();
	const { status, location, answer } = await browse(link(changes));
	expect(status).toBe(303);
	expect(location).toMatch(/^http:\/\/127\.0\.0\.1:9\/v1\/login\/callback\?/);
	expect(answer).toMatchObject({ error, state: 'the-state', iss: issuer.url });
});

test('a user can cancel', async () => {
	const { browse, link } = await issuerClient();
	expect((await browse(link(), { step: 'cancel' })).answer).toMatchObject({ error: 'access_denied' });
});

test('a form without a name, or with a wrong button, shows the page again', async () => {
	const { browse, link } = await issuerClient();
	for (const form of [{ step: 'log-in', user: 'other', name: ' ' }, { step: 'nonsense' }, {}]) {
		const { status, page } = await browse(link(), form);
		expect(status).toBe(400);
		expect(page).toContain('role="alert"');
	}
});

test('a second login is silent', async () => {
	const { browse, link, logIn } = await issuerClient();
	await logIn();
	for (const changes of [
		{},
		{ prompt: 'none' },
		{ max_age: '60' },
		{ acr_values: 'aal1' },
		{ acr_values: 'aal1 aal2' },
	])
		expect((await browse(link(changes))).answer).toMatchObject({ code: expect.any(String) });
});

test('a login is not silent if the client asks for a new one', async () => {
	const { browse, link, logIn, sleep } = await issuerClient();
	await logIn();
	sleep(60_000);
	for (const changes of [{ prompt: 'login' }, { prompt: 'select_account' }, { max_age: '60' }, { max_age: '0' }])
		expect((await browse(link(changes))).page).toContain('Who are you?');
	expect((await browse(link({ max_age: '60', prompt: 'none' }))).answer).toMatchObject({ error: 'login_required' });
});

test('acr_values asks a user with one factor for the second one, and nobody twice', async () => {
	const { browse, link, logIn } = await issuerClient();
	await logIn();
	const stronger = link({ acr_values: 'urn:example:aal2' });
	expect((await browse(stronger)).page).toContain('logged in as <strong>ada</strong>');
	expect((await browse(link({ acr_values: 'aal2', prompt: 'none' }))).answer).toMatchObject({
		error: 'unmet_authentication_requirements',
	});
	expect((await browse(stronger, { step: 'switch-user' })).page).toContain('Who are you?');
	expect((await browse(stronger, { step: 'confirm' })).answer).toMatchObject({ code: expect.any(String) });
	expect((await browse(stronger)).answer).toMatchObject({ code: expect.any(String) });
});

test('nobody can confirm a login that has not begun', async () => {
	const { browse, link } = await issuerClient();
	const { status, page } = await browse(link({ acr_values: 'aal2' }), { step: 'confirm' });
	expect({ status, asks: page.includes('Who are you?') }).toEqual({ status: 200, asks: true });
});

test('a session at the issuer ends after twelve hours', async () => {
	const { browse, link, logIn, sleep } = await issuerClient();
	await logIn();
	sleep(12 * 3_600_000);
	expect((await browse(link())).page).toContain('Who are you?');
});

test('a pushed request is the one that counts, until it is answered', async () => {
	const { browse, post, sleep } = await issuerClient();
	const pushed = await post('/par', authorization);
	expect(pushed).toMatchObject({ status: 201, json: { expires_in: 600 } });
	const request = new URLSearchParams({
		client_id: 'leasehold-local',
		request_uri: String(pushed.json['request_uri']),
		state: 'ignored',
	});
	expect((await browse(`/authorize?${request}`)).page).toContain('Who are you?');
	const { answer } = await browse(`/authorize?${request}`, { step: 'log-in', user: 'ada' });
	expect(answer).toMatchObject({ code: expect.any(String), state: 'the-state' });
	expect(await browse(`/authorize?${request}`)).toMatchObject({ status: 400, location: null });

	const late = await post('/par', authorization);
	sleep(600_000);
	request.set('request_uri', String(late.json['request_uri']));
	expect(await browse(`/authorize?${request}`)).toMatchObject({ status: 400, location: null });
});

test('a request that is wrong cannot be pushed, and nobody pushes for another client', async () => {
	const client = { id: 'strict', secret: 's3cret', redirectUris: ['https://a.example/'], postLogoutRedirectUris: [] };
	const { browse, post } = await issuerClient({ clients: [{ ...client, allowsOwnMachine: false }] });
	expect(await post('/par', { ...authorization, redirect_uri: 'https://evil.example/' })).toMatchObject({
		status: 400,
	});
	expect(await post('/par', { ...authorization, scope: 'profile' })).toMatchObject({
		json: { error: 'invalid_scope' },
	});
	expect(await post('/par', { ...authorization, request_uri: 'urn:x' })).toMatchObject({ status: 400 });
	expect(await post('/par', { ...authorization, client_id: 'strict' })).toMatchObject({ status: 401 });
	const pushed = await post('/par', authorization);
	const request = new URLSearchParams({ client_id: 'strict', request_uri: String(pushed.json['request_uri']) });
	expect(await browse(`/authorize?${request}`)).toMatchObject({ status: 400, location: null });
});
