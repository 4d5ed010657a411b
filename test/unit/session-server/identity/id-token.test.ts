import type { JWTHeaderParameters } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Issuer } from '../../../../functions/session-server/deployment/issuers.ts';
import type { ServiceAnswer, ServiceFailure } from '../../../../functions/system/http-client.ts';
import { answerOf, audience, type Claims, newKey, setUp } from '../../../support/verifier-stage.ts';

test('the subject of an ID token must be a string, because JSON rounds long numbers', async () => {
	const { verifyClaims } = await setUp();
	expect(await verifyClaims({ sub: '9007199254740993' })).toMatchObject({
		identity: { subject: 'test:9007199254740993' },
	});
	for (const sub of [2 ** 53, 42, null, true, ['42'], { id: 42 }, undefined])
		expect(await verifyClaims({ sub }), JSON.stringify(sub)).toMatchObject({ kind: 'refused' });
});

test('an ID token gives the subject, the time of authentication, the assurance level and the scopes', async () => {
	const { verifyClaims, nowSeconds } = await setUp();
	const claims = { auth_time: nowSeconds - 1_000, acr: 'urn:example:aal2', scope: ' read write  read ' };
	expect(await verifyClaims(claims)).toEqual({
		kind: 'verified',
		identity: {
			subject: 'test:ada',
			scopes: ['read', 'write'],
			assuranceLevel: 2,
			authenticatedAtMs: (nowSeconds - 1_000) * 1000,
			idToken: {
				digest: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
				expiresAtMs: (nowSeconds + 600 + 60) * 1000,
			},
		},
	});
});

test('all spellings of one ID token have one digest, and other tokens have others', async () => {
	const { verify, sign, verifyClaims, nowSeconds } = await setUp();
	const digestOf = (verified: Awaited<ReturnType<typeof verify>>) =>
		verified.kind === 'verified' ? verified.identity.idToken?.digest : verified.kind;
	const token = await sign({ jti: 'one' });
	const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
	const spellings = letters.map((last) => token.slice(0, -1) + last);
	const digests = await Promise.all(spellings.map(async (text) => digestOf(await verify(text))));
	expect(new Set(digests.filter((digest) => digest !== 'refused'))).toEqual(new Set([digestOf(await verify(token))]));
	const others = [{ jti: 'two' }, { jti: 'one', iat: nowSeconds - 1 }, { jti: 'one', sub: 'eve' }, {}, { nonce: 'n' }];
	const all = [
		digestOf(await verify(token)),
		...(await Promise.all(others.map(async (o) => digestOf(await verifyClaims(o))))),
	];
	expect(new Set(all).size).toBe(all.length);
});

test('an issuer whose tokens are reusable gives no digest', async () => {
	const { verifyClaims } = await setUp({ reusableTokens: true });
	expect(await verifyClaims({})).not.toHaveProperty('identity.idToken');
});

describe('the timeouts of a session', () => {
	const others = { idleSeconds: 600 };
	const clients = [
		{ id: audience, idleSeconds: 300 },
		{ id: 'android', idleSeconds: 120 },
	];

	test('are missing if nothing is set within the level', async () => {
		const { verifyClaims } = await setUp();
		expect(await verifyClaims({})).not.toHaveProperty('timeouts');
	});

	test.each<[string, Claims, number]>([
		['aud, if there is no azp', {}, 300],
		['aud as a list of one', { aud: [audience] }, 300],
		['azp', { azp: 'android' }, 120],
		['azp, if aud names several', { aud: ['web', audience], azp: 'web' }, 600],
	])('are those of %s', async (_, claims, idleSeconds) => {
		const { verifyClaims } = await setUp({
			audience: [audience, 'web'],
			authorizedParties: 'android',
			timeouts: { ...others, clients },
		});
		expect(await verifyClaims(claims)).toMatchObject({
			timeouts: { usual: { idleMs: idleSeconds * 1_000 }, persistent: { idleMs: idleSeconds * 1_000 } },
		});
	});
});

describe('the time of authentication', () => {
	test.each([undefined, null])('is unknown if auth_time is %s, because iat is that of the token', async (authTime) => {
		const { verifyClaims, nowSeconds } = await setUp();
		expect(await verifyClaims({ auth_time: authTime })).toMatchObject({
			identity: { authenticationTimeUnknown: true, authenticatedAtMs: nowSeconds * 1000 },
		});
	});

	test('is iat if the issuer always authenticates', async () => {
		const { verifyClaims, nowSeconds } = await setUp({ alwaysAuthenticates: true });
		const verified = await verifyClaims({ iat: nowSeconds - 5 });
		expect(verified).toMatchObject({ identity: { authenticatedAtMs: (nowSeconds - 5) * 1000 } });
		expect(verified).not.toHaveProperty('identity.authenticationTimeUnknown');
	});
});

describe('an ID token is refused', () => {
	test.each<[string, Claims, Partial<JWTHeaderParameters>?]>([
		['with an authentication in the future', { auth_time: 4_102_444_800 }],
		['before its time', { nbf: 4_102_444_800 }],
		['with a beginning that is no number', { nbf: '1' }],
		['for another client of the same issuer', { azp: 'other' }],
		['of another issuer', { iss: 'https://other.example' }],
		['for another audience', { aud: 'other' }],
		['for several audiences without azp', { aud: ['other', audience] }],
		['with too many scopes', { scope: Array.from({ length: 65 }, (_, index) => `s${index}`).join(' ') }],
		['without iat', { iat: undefined }],
		['without exp', { exp: undefined }],
		['with an expiry that is no number', { exp: '4102444800' }],
		['as an access token', {}, { typ: 'at+jwt' }],
		['as an access token of Keycloak', { typ: 'Bearer' }, { typ: 'JWT' }],
		['as a refresh token of Keycloak', { typ: 'Refresh' }, { typ: 'JWT' }],
		['as an access token of Cognito', { token_use: 'access' }],
		['as a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
		['with a type that is no string', {}, { typ: 7 as never }],
	])('%s', async (_what, claims, header) => {
		const { verifyClaims, state } = await setUp();
		expect(await verifyClaims(claims, header)).toMatchObject({ kind: 'refused' });
		expect(state.fetches, 'a token that cannot log in must not cause a fetch').toBe(0);
	});

	test('that another key signed, and is not unavailable', async () => {
		const { verify, sign } = await setUp();
		const forged = await sign({}, {}, { ...(await newKey('first')) });
		expect(await verify(forged)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/signature/) });
	});
});

test('a token for several audiences is accepted if azp is the configured one', async () => {
	const { verifyClaims } = await setUp();
	expect(await verifyClaims({ aud: ['other', audience], azp: audience })).toMatchObject({ kind: 'verified' });
});

describe('an ID token', () => {
	test.each<[string, Partial<Issuer>, number, string]>([
		['is accepted up to the maximum age', {}, 600 + 60, 'verified'],
		['is refused beyond it', {}, 600 + 61, 'refused'],
		['has the maximum age of its issuer', { maxTokenAgeSeconds: 5, clockToleranceSeconds: 0 }, 6, 'refused'],
		['of a clock that is ahead is accepted within the tolerance', {}, -60, 'verified'],
		['of a clock that is further ahead is refused', {}, -61, 'refused'],
		['has the tolerance of its issuer', { clockToleranceSeconds: 2 }, -3, 'refused'],
	])('%s', async (_what, configured, ageSeconds, kind) => {
		const { verifyClaims, nowSeconds } = await setUp(configured);
		expect(await verifyClaims({ iat: nowSeconds - ageSeconds })).toMatchObject({ kind });
	});

	test('is accepted within the tolerance after its expiry', async () => {
		const { verifyClaims, nowSeconds } = await setUp();
		expect(await verifyClaims({ exp: nowSeconds - 59 })).toMatchObject({ kind: 'verified' });
		expect(await verifyClaims({ exp: nowSeconds - 60 })).toMatchObject({ kind: 'refused' });
	});
});

test('an issuer gives no more assurance and no other scopes than its entry allows', async () => {
	const { verifyClaims } = await setUp({ maxAssurance: 2, scopes: ['read'] });
	expect(await verifyClaims({ acr: 'x/aal3', scope: 'admin read' })).toMatchObject({
		identity: { assuranceLevel: 2, scopes: ['read'] },
	});
});

describe('the keys of an issuer', () => {
	test.each<[string, () => Promise<ServiceAnswer | ServiceFailure>]>([
		['fail', async () => answerOf(500, '')],
		['are somewhere else', async () => answerOf(302, '')],
		['are no keys', async () => answerOf(200, '<html>')],
		['cannot be reached', async () => ({ kind: 'failed', reason: 'timeout' })],
	])('are fetched once in a pause if they %s', async (_what, answer) => {
		const { verify, sign, state, clock } = await setUp();
		state.answer = answer;
		const token = await sign();
		for (let login = 0; login < 5; login++) expect(await verify(token)).toMatchObject({ kind: 'unavailable' });
		expect(state.fetches).toBe(1);
		const seen: number[] = [];
		for (const ms of [999, 1, 1_999, 1, 4_000, 8_000, 16_000, 29_999, 1, 30_000]) {
			clock.advance(ms);
			await verify(token);
			seen.push(state.fetches);
		}
		expect(seen).toEqual([1, 2, 2, 3, 4, 5, 6, 6, 7, 8]);
	});

	test('hold a login for three seconds while the issuer hangs, and only the first one in a pause', async () => {
		const { verify, sign, state, clock } = await setUp();
		state.answer = async () => {
			clock.advance(state.timeoutMs);
			return { kind: 'failed', reason: 'timeout' };
		};
		const token = await sign();
		const heldMs: number[] = [];
		for (let login = 0; login < 10; login++) {
			const { monotonicMs } = clock.now();
			expect(await verify(token)).toMatchObject({ kind: 'unavailable' });
			heldMs.push(clock.now().monotonicMs - monotonicMs);
		}
		expect(heldMs).toEqual([3_000, ...Array(9).fill(0)]);
	});

	test('are used for a day while they cannot be fetched', async () => {
		const { verify, sign, state, clock } = await setUp();
		const logIn = async () => {
			const seconds = Math.floor(clock.now().wallMs / 1000);
			return verify(await sign({ iat: seconds, exp: seconds + 60 }));
		};
		expect(await logIn()).toMatchObject({ kind: 'verified' });
		state.answer = async () => ({ kind: 'failed', reason: 'timeout' });
		clock.advance(24 * 3_600_000 - 1);
		expect(await logIn()).toMatchObject({ kind: 'verified' });
		clock.advance(1);
		expect(await logIn()).toMatchObject({ kind: 'unavailable' });
	});

	test('are fetched once for logins at the same moment, and all wait for that one', async () => {
		const { verify, sign, state, publish, key } = await setUp();
		const answered = Promise.withResolvers<ServiceAnswer>();
		state.answer = () => answered.promise;
		const token = await sign();
		const logins = Array.from({ length: 10 }, () => verify(token));
		answered.resolve(publish(key.jwk));
		expect((await Promise.all(logins)).map(({ kind }) => kind)).toEqual(Array(10).fill('verified'));
		expect(state.fetches).toBe(1);
	});

	test('may have changed seconds ago: a new key is unavailable, then accepted, and never refused', async () => {
		const { verify, sign, state, publish, key, clock } = await setUp();
		await verify(await sign());
		const next = await newKey('next');
		state.answer = async () => publish(key.jwk, next.jwk);
		const token = await sign({}, {}, next);
		clock.advance(5_000);
		expect(await verify(token)).toMatchObject({ kind: 'unavailable' });
		clock.advance(5_000);
		expect(await verify(token)).toMatchObject({ kind: 'verified' });
		expect(state.fetches).toBe(2);
	});

	test('do not have a key that is missing in a later fetch, which is refused', async () => {
		const { verify, sign, clock } = await setUp();
		const stranger = await newKey('stranger');
		expect(await verify(await sign({}, {}, stranger)), 'fetched for this token').toMatchObject({ kind: 'refused' });
		clock.advance(10_000);
		expect(await verify(await sign({}, {}, stranger))).toMatchObject({ kind: 'refused' });
	});

	test('that cannot be used refuse the token, because trying again does not help', async () => {
		const { verify, sign, state, publish } = await setUp();
		const short = { kty: 'RSA', kid: 'short', e: 'AQAB', n: Buffer.alloc(128, 0xc1).toString('base64url') };
		const broken = { kty: 'EC', crv: 'P-256', kid: 'broken', x: 'AA', y: '!' };
		state.answer = async () => publish(short, broken);
		const unsigned = (header: object, token: string) =>
			`${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1]}.${'A'.repeat(86)}`;
		for (const header of [
			{ alg: 'RS256', kid: 'short' },
			{ alg: 'ES256', kid: 'broken' },
		])
			expect(await verify(unsigned(header, await sign())), header.kid).toMatchObject({ kind: 'refused' });
	});
});
