import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Issuer } from '../../../../functions/session-server/deployment/issuers.ts';
import { parseIssuers } from '../../../../functions/session-server/deployment/trusted-issuers.ts';
import { createIdTokenVerifier } from '../../../../functions/session-server/identity/id-token.ts';
import type { ServiceAnswer, ServiceFailure } from '../../../../functions/system/http-client.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const issuer = 'https://issuer.example';
const audience = 'app';

type Claims = Readonly<Record<string, unknown>>;

function answerOf(status: number, body: string): ServiceAnswer {
	return { kind: 'answered', status, headers: [], body: Buffer.from(body) };
}

async function newKey(kid: string) {
	const { privateKey, publicKey } = await generateKeyPair('ES256');
	return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
}

/** An issuer that signs tokens with any claims. The test says how it answers for its keys. */
async function setUp(configured: Partial<Issuer> = {}) {
	const clock = createSettableClock();
	const nowSeconds = Math.floor(clock.now().wallMs / 1000);
	const key = await newKey('first');
	const state = {
		fetches: 0,
		timeoutMs: 0,
		answer: async (): Promise<ServiceAnswer | ServiceFailure> => publish(key.jwk),
	};
	const publish = (...keys: JWK[]) => answerOf(200, JSON.stringify({ keys }));
	const verify = createIdTokenVerifier(
		parseIssuers([{ name: 'test', issuer, audience, jwksUri: `${issuer}/jwks`, ...configured }]),
		{
			clock,
			log: () => undefined,
			sendRequest: ({ timeoutMs }) => {
				state.fetches++;
				state.timeoutMs = timeoutMs;
				return state.answer();
			},
		},
	);
	/** @param claims those that are `undefined` are left out */
	const sign = (claims: Claims = {}, header: Partial<JWTHeaderParameters> = {}, by = key) =>
		new SignJWT({ iss: issuer, aud: audience, sub: 'ada', iat: nowSeconds, exp: nowSeconds + 3_600, ...claims })
			.setProtectedHeader({ alg: 'ES256', kid: by.kid, ...header })
			.sign(by.privateKey);
	const verifyClaims = async (claims: Claims, header?: Partial<JWTHeaderParameters>) =>
		verify(await sign(claims, header));
	return { clock, nowSeconds, key, state, publish, verify, sign, verifyClaims };
}

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

describe('an issuer without jwksUri', () => {
	/** Sets up issuers whose documents are `answers`, by their addresses. */
	async function discovering(entry: Partial<Issuer> = {}) {
		const key = await newKey('first');
		const keySet = JSON.stringify({ keys: [key.jwk] });
		const configuration = { issuer, jwks_uri: 'https://keys.example/' };
		const answers = new Map<string, string | number>([
			[`${issuer}/.well-known/openid-configuration`, JSON.stringify(configuration)],
			['https://keys.example/', keySet],
		]);
		const clock = createSettableClock();
		const asked: string[] = [];
		const logged: unknown[] = [];
		const verify = createIdTokenVerifier(parseIssuers([{ name: 'test', issuer, audience, ...entry }]), {
			clock,
			log: (_, __, fields) => logged.push(fields),
			sendRequest: async ({ url, timeoutMs }) => {
				asked.push(url.href);
				clock.advance(1_000);
				const answer = answers.get(url.href) ?? 404;
				if (timeoutMs < 1_000) return { kind: 'failed', reason: 'timeout' };
				return typeof answer === 'number' ? answerOf(answer, '') : answerOf(200, answer);
			},
		});
		const signed = (claims: Claims = {}) => {
			const seconds = Math.floor(clock.now().wallMs / 1_000);
			return new SignJWT({ iss: issuer, aud: audience, sub: 'ada', iat: seconds, exp: seconds + 60, ...claims })
				.setProtectedHeader({ alg: 'ES256', kid: 'first' })
				.sign(key.privateKey);
		};
		const logIn = async (claims?: Claims) => verify(await signed(claims));
		return { answers, asked, clock, configuration, keySet, logged, logIn };
	}

	test('says where its keys are, and is asked that once a day', async () => {
		const { asked, clock, logIn } = await discovering();
		expect(await logIn()).toMatchObject({ kind: 'verified' });
		clock.advance(10 * 60_000);
		expect(await logIn()).toMatchObject({ kind: 'verified' });
		expect(asked).toEqual([
			`${issuer}/.well-known/openid-configuration`,
			'https://keys.example/',
			'https://keys.example/',
		]);
		clock.advance(24 * 3_600_000);
		await logIn();
		expect(asked.slice(3)).toEqual([`${issuer}/.well-known/openid-configuration`, 'https://keys.example/']);
	});

	test('is asked again after keys could not be fetched, because they may have moved', async () => {
		const { answers, asked, clock, configuration, keySet, logIn } = await discovering();
		await logIn();
		answers.delete('https://keys.example/');
		clock.advance(10 * 60_000);
		expect(await logIn(), 'with the keys from before').toMatchObject({ kind: 'verified' });
		answers.set('https://new.example/', keySet);
		const moved = { ...configuration, jwks_uri: 'https://new.example/' };
		answers.set(`${issuer}/.well-known/openid-configuration`, JSON.stringify(moved));
		clock.advance(60_000);
		expect(await logIn()).toMatchObject({ kind: 'verified' });
		expect(asked.at(-1)).toBe('https://new.example/');
	});

	test.each<[string, object | string, string]>([
		['of another issuer', { issuer: 'https://other.example' }, 'it is the configuration of https://other.example'],
		['without an address of keys', { jwks_uri: undefined }, 'jwks_uri is no https URL'],
		['with an address without TLS', { jwks_uri: 'http://keys.example/' }, 'jwks_uri is no https URL'],
		['that is no JSON', '<html>', 'no JSON'],
		['that is no object', 'null', 'it is the configuration of undefined'],
	])('is unavailable with a configuration %s, and the log says why', async (_, wrong, reason) => {
		const { answers, configuration, logged, logIn } = await discovering();
		const text = typeof wrong === 'string' ? wrong : JSON.stringify({ ...configuration, ...wrong });
		answers.set(`${issuer}/.well-known/openid-configuration`, text);
		expect(await logIn()).toMatchObject({ kind: 'unavailable' });
		expect(logged).toEqual([{ url: `${issuer}/.well-known/openid-configuration`, reason }]);
	});

	test('that has moved has its users at both addresses, each with its own keys', async () => {
		const { answers, keySet, logIn } = await discovering({ issuer: [issuer, 'https://old.example/'] });
		const old = { issuer: 'https://old.example/', jwks_uri: 'https://old.example/keys' };
		answers.set('https://old.example/.well-known/openid-configuration', JSON.stringify(old));
		expect(await logIn({ iss: 'https://old.example/' })).toMatchObject({ kind: 'unavailable' });
		answers.set('https://old.example/keys', keySet);
		expect(await logIn()).toMatchObject({ identity: { subject: 'test:ada' } });
	});

	test('with listed tenants asks each of them, and nobody else', async () => {
		const { answers, asked, keySet, logIn } = await discovering({
			issuer: `${issuer}/{tenant}/v2`,
			tenants: ['a', 'b'],
		});
		for (const tenant of ['a', 'b']) {
			const iss = `${issuer}/${tenant}/v2`;
			answers.set(`${iss}/.well-known/openid-configuration`, JSON.stringify({ issuer: iss, jwks_uri: `${iss}/keys` }));
			answers.set(`${iss}/keys`, keySet);
			expect(await logIn({ iss })).toMatchObject({ identity: { subject: `test:${tenant}:ada` } });
		}
		expect(asked).toHaveLength(4);
		for (const iss of [
			`${issuer}/c/v2`,
			`${issuer}/a/b/v2`,
			`${issuer}//v2`,
			`${issuer}/a:b/v2`,
			`${issuer}/%61/v2`,
			7,
		])
			expect(await logIn({ iss: iss as string })).toMatchObject({ reason: 'iss must be a configured issuer' });
		expect(asked).toHaveLength(4);
	});
});

test.each(['a/b', '', 'a:b', '%61', '../a'])('%j in the place of the tenant is no tenant', async (text) => {
	const { verifyClaims } = await setUp({ issuer: `${issuer}/{tenant}/v2`, tenants: 'any' });
	expect(await verifyClaims({ iss: `${issuer}/${text}/v2` })).toMatchObject({
		reason: 'iss must be a configured issuer',
	});
});

test('a key that names an issuer signs for that one only, and for every tenant if it has {tenantid}', async () => {
	const kindWith = async (named: string) => {
		const { verifyClaims, state, publish, key } = await setUp({ issuer: `${issuer}/{tenant}/v2`, tenants: 'any' });
		state.answer = async () => publish({ ...key.jwk, issuer: named } as JWK);
		return (await verifyClaims({ iss: `${issuer}/a/v2` })).kind;
	};
	expect(await kindWith(`${issuer}/{tenantid}/v2`)).toBe('verified');
	expect(await kindWith(`${issuer}/a/v2`)).toBe('verified');
	expect(await kindWith(`${issuer}/b/v2`)).toBe('refused');
});

describe('authorized parties', () => {
	test.each<[Partial<Issuer>, Claims, string]>([
		[{ audience: [audience, 'second'] }, { aud: 'second' }, 'verified'],
		[{ audience: [audience, 'second'] }, { aud: 'second', azp: audience }, 'verified'],
		[{ audience: [audience, 'second'] }, { aud: 'third' }, 'refused'],
		[{ authorizedParties: 'android' }, { azp: 'android' }, 'verified'],
		[{ authorizedParties: ['android'] }, { azp: audience }, 'verified'],
		[{ authorizedParties: ['android'] }, { azp: 'ios' }, 'refused'],
		[{ authorizedParties: 'any' }, { azp: 'unknown' }, 'verified'],
		[{ authorizedParties: 'any' }, { aud: ['other', audience] }, 'refused'],
	])('with %j, a token with %j is %s', async (configured, claims, kind) => {
		const { verifyClaims } = await setUp(configured);
		expect(await verifyClaims(claims)).toMatchObject({ kind });
	});
});
