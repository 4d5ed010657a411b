import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { startIssuer } from '../../../local/issuer/issuer.ts';

async function issuer() {
	const started = await startIssuer();
	onTestFinished(() => started.close());
	const token = async (body: unknown) => {
		const response = await fetch(`${started.url}/id-tokens`, { method: 'POST', body: JSON.stringify(body) });
		return { status: response.status, body: (await response.json()) as { idToken: string; error_description: string } };
	};
	return { ...started, token };
}

test('the issuer’s tokens verify with the keys that its metadata names', async () => {
	const { url, audience, mint } = await issuer();
	const metadata = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as { jwks_uri: string };
	const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
	const { payload } = await jwtVerify(await mint({ subject: 'ada' }), keys, { issuer: url, audience });
	expect(payload).toMatchObject({ sub: 'ada', auth_time: payload.iat, exp: Number(payload.iat) + 3_600 });
});

test('the issuer signs any claims', async () => {
	const { token } = await issuer();
	const { body } = await token({
		subject: 'grace',
		scope: 'a b',
		acr: 'aal2',
		amr: ['mfa'],
		authTime: 5,
		audience: 'else',
		expiresInSeconds: -10,
	});
	const claims = decodeJwt(body.idToken);
	expect(claims).toMatchObject({ sub: 'grace', scope: 'a b', acr: 'aal2', amr: ['mfa'], auth_time: 5, aud: 'else' });
	expect(Number(claims.exp) - Number(claims.iat)).toBe(-10);
});

test('a wrong request is refused with the name of the field', async () => {
	const { token } = await issuer();
	expect(await token({})).toMatchObject({
		status: 400,
		body: { error_description: expect.stringContaining('subject') },
	});
	expect(await token({ subject: 'a', scopes: 'typo' })).toMatchObject({ status: 400 });
});
