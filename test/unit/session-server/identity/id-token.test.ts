import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createIdTokenVerifier } from '../../../../functions/session-server/identity/id-token.ts';
import { systemClock } from '../../../../functions/system/clock.ts';
import { listen } from '../../../../local/system/listen.ts';

const issuer = 'https://issuer.example';
const audience = 'app';

/** An issuer that signs tokens with any claims. */
async function setUp() {
	const { privateKey, publicKey } = await generateKeyPair('ES256');
	const keys = JSON.stringify({ keys: [await exportJWK(publicKey)] });
	const { url, close } = await listen(createServer((_request, response) => response.end(keys)));
	onTestFinished(close);
	const verify = createIdTokenVerifier([{ name: 'test', issuer, audience, jwksUri: url }], systemClock, 500);
	const sign = (claims: unknown) =>
		new SignJWT({ iss: issuer, aud: audience, ...(claims as JWTPayload) })
			.setProtectedHeader({ alg: 'ES256' })
			.setIssuedAt()
			.setExpirationTime('1h')
			.sign(privateKey);
	return Object.assign(async (claims: unknown) => verify(await sign(claims)), { token: verify });
}

test('the subject of an ID token must be a string, because JSON rounds long numbers', async () => {
	const verify = await setUp();
	expect(await verify({ sub: '9007199254740993' })).toMatchObject({ identity: { subject: 'test:9007199254740993' } });
	for (const sub of [2 ** 53, 42, null, true, ['42'], { id: 42 }])
		expect(await verify({ sub }), JSON.stringify(sub)).toMatchObject({ kind: 'refused' });
});

test('an ID token gives the subject, the time of authentication, the assurance level and the scopes', async () => {
	const verify = await setUp();
	const authTime = Math.floor(Date.now() / 1000) - 1_000;
	const claims = { sub: 'ada', auth_time: authTime, acr: 'urn:example:aal2', scope: ' read write  read ' };
	expect(await verify(claims)).toEqual({
		kind: 'verified',
		identity: {
			subject: 'test:ada',
			scopes: ['read', 'write'],
			assuranceLevel: 2,
			authenticatedAtMs: authTime * 1000,
		},
	});
});

test('without auth_time, the time of authentication is that of the ID token', async () => {
	const verify = await setUp();
	const iat = Math.floor(Date.now() / 1000);
	const verified = await verify({ sub: 'ada' });
	if (verified.kind !== 'verified') throw new Error(verified.kind);
	expect([iat, iat + 1, iat + 2].map((seconds) => seconds * 1000)).toContain(verified.identity.authenticatedAtMs);
});

test.each([
	['an authentication in the future', { auth_time: 4_102_444_800 }],
	['another client of the same issuer', { azp: 'other' }],
	['another issuer', { iss: 'https://other.example' }],
	['another audience', { aud: 'other' }],
	['too many scopes', { scope: Array.from({ length: 65 }, (_, index) => `s${index}`).join(' ') }],
])('an ID token with %s is refused', async (_what, claims) => {
	const verify = await setUp();
	expect(await verify({ sub: 'ada', ...claims })).toMatchObject({ kind: 'refused' });
});

test('an ID token that another key signed is refused, and not unavailable', async () => {
	const [verify, stranger] = [await setUp(), await generateKeyPair('ES256')];
	const forged = await new SignJWT({ iss: issuer, aud: audience, sub: 'ada' })
		.setProtectedHeader({ alg: 'ES256' })
		.setIssuedAt()
		.setExpirationTime('1h')
		.sign(stranger.privateKey);
	expect(await verify.token(forged)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/signature/) });
});
