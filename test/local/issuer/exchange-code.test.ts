import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { issuerClient, tokenRequest } from './issuer-client.ts';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

test('a code is exchanged for an ID token with the claims of the login', async () => {
	const { issuer, logIn, post } = await issuerClient();
	const { code } = await logIn({}, { factors: '2' });
	const { status, json } = await post('/token', tokenRequest(code));
	expect(status).toBe(200);
	expect(json).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
	expect(decodeJwt(String(json['id_token']))).toMatchObject({
		iss: issuer.url,
		aud: 'leasehold-local',
		sub: 'ada',
		scope: 'billing:read',
		nonce: 'the-nonce',
		acr: 'aal2',
		amr: ['pwd', 'otp', 'mfa'],
	});
});

test('a user who is not in the list gets no scopes', async () => {
	const { logIn, post } = await issuerClient();
	const { code } = await logIn({}, { user: 'other', name: 'linus' });
	const { json } = await post('/token', tokenRequest(code));
	const claims = decodeJwt(String(json['id_token']));
	expect(claims).toMatchObject({ sub: 'linus', acr: 'aal1' });
	expect(claims).not.toHaveProperty('scope');
});

test('a silent login says when the user proved their identity, and a second factor is a proof', async () => {
	const { browse, link, logIn, post, sleep } = await issuerClient();
	const authTime = async (code: string | undefined) => {
		const { json } = await post('/token', tokenRequest(code));
		return Number(decodeJwt(String(json['id_token']))['auth_time']);
	};
	const first = await authTime((await logIn())['code']);
	sleep(5_000);
	expect(await authTime((await browse(link())).answer['code'])).toBe(first);
	const confirmed = await browse(link({ acr_values: 'aal2' }), { step: 'confirm' });
	expect(await authTime(confirmed.answer['code'])).toBe(first + 5);
});

test('a code is used once', async () => {
	const { logIn, post } = await issuerClient();
	const { code } = await logIn();
	expect(await post('/token', tokenRequest(code))).toMatchObject({ status: 200 });
	expect(await post('/token', tokenRequest(code))).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
});

test('a code lasts for 60 seconds', async () => {
	const { logIn, post, sleep } = await issuerClient();
	const { code } = await logIn();
	sleep(60_000);
	expect(await post('/token', tokenRequest(code))).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
});

test.each([
	['another code verifier', { code_verifier: 'another-code-verifier-with-forty-three-letters' }, 'invalid_grant'],
	['no code verifier', { code_verifier: undefined }, 'invalid_grant'],
	['another callback', { redirect_uri: 'http://127.0.0.1:8/v1/login/callback' }, 'invalid_grant'],
	['another client', { client_id: 'second' }, 'invalid_grant'],
	['another code', { code: 'guessed' }, 'invalid_grant'],
	['another grant', { grant_type: 'refresh_token' }, 'unsupported_grant_type'],
])('with %s, a code is refused', async (_, changes, error) => {
	const second = { id: 'second', redirectUris: [], postLogoutRedirectUris: [], allowsOwnMachine: true };
	const { logIn, post } = await issuerClient({ clients: [second] });
	const { code } = await logIn();
	expect(await post('/token', { ...tokenRequest(code), ...changes })).toMatchObject({ status: 400, json: { error } });
});

test('a wrong attempt uses the code up', async () => {
	const { logIn, post } = await issuerClient();
	const { code } = await logIn();
	await post('/token', { ...tokenRequest(code), code_verifier: 'wrong' });
	expect(await post('/token', tokenRequest(code))).toMatchObject({ status: 400 });
});

test('a client with a secret authenticates, in the header or in the form', async () => {
	const strict = {
		id: 'str:ict',
		secret: 'a secret',
		redirectUris: [],
		postLogoutRedirectUris: [],
		allowsOwnMachine: true,
	};
	const { logIn, post } = await issuerClient({ clients: [strict] });
	const exchange = async (form: Readonly<Record<string, string | undefined>>, headers: Record<string, string> = {}) => {
		const { code } = await logIn({ client_id: 'str:ict' });
		const { status, json } = await post('/token', { ...tokenRequest(code), client_id: undefined, ...form }, headers);
		return [status, json['error'] ?? decodeJwt(String(json['id_token'])).aud];
	};
	expect(await exchange({}, basic('str%3Aict:a+secret'))).toEqual([200, 'str:ict']);
	expect(await exchange({ client_id: 'str:ict', client_secret: 'a secret' })).toEqual([200, 'str:ict']);
	for (const [form, headers] of [
		[{ client_id: 'str:ict' }, {}],
		[{ client_id: 'str:ict', client_secret: 'wrong' }, {}],
		[{}, basic('str%3Aict:wrong')],
		[{ client_id: 'str:ict', client_secret: 'a secret' }, { authorization: 'Bearer x' }],
		[{ client_id: 'nobody' }, {}],
	] as const)
		expect(await exchange(form, { ...headers })).toEqual([401, 'invalid_client']);
});
