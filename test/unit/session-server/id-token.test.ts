import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createIdTokenVerifier } from '../../../functions/session-server/id-token.ts';
import { systemClock } from '../../../functions/system/clock.ts';
import { listen } from '../../../local/listen.ts';

const issuer = 'https://issuer.example';
const audience = 'app';

/** An issuer that puts into its tokens whatever it is told. */
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
	return async (claims: unknown) => verify(await sign(claims));
}

test('the subject of an ID token is a text: a number may have lost the digits that tell two people apart', async () => {
	const verify = await setUp();
	expect(await verify({ sub: '9007199254740993' })).toMatchObject({ identity: { subject: 'test:9007199254740993' } });
	for (const sub of [2 ** 53, 42, null, true, ['42'], { id: 42 }])
		expect(await verify({ sub }), JSON.stringify(sub)).toMatchObject({ kind: 'refused' });
});
