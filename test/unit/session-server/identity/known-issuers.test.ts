import { type JWK, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Issuer } from '../../../../functions/session-server/deployment/issuers.ts';
import { parseIssuers } from '../../../../functions/session-server/deployment/trusted-issuers.ts';
import { createIdTokenVerifier } from '../../../../functions/session-server/identity/id-token.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';
import { answerOf, audience, type Claims, issuer, newKey, setUp, withinAal2 } from '../../../support/verifier-stage.ts';

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
		const verify = createIdTokenVerifier(parseIssuers([{ name: 'test', issuer, audience, ...entry }], withinAal2), {
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
		expect(logged).toMatchObject([{ url: `${issuer}/.well-known/openid-configuration`, reason }]);
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

test('a token of another issuer has a line with that issuer, once in ten seconds', async () => {
	const clock = createSettableClock();
	const logged: unknown[] = [];
	const verify = createIdTokenVerifier(parseIssuers([{ name: 'test', issuer, audience }], withinAal2), {
		clock,
		log: (...line) => logged.push(line),
		sendRequest: async () => answerOf(404, ''),
	});
	const { privateKey } = await newKey('first');
	const token = await new SignJWT({ iss: `${issuer}/` }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
	for (let login = 0; login < 3; login++) expect(await verify(token)).toMatchObject({ kind: 'refused' });
	const line = { iss: `${issuer}/`, advice: expect.stringContaining('exactly this spelling') };
	expect(logged).toEqual([['warn', 'an ID token is of no configured issuer', line]]);
	clock.advance(10_001);
	await verify(token);
	expect(logged.slice(1)).toEqual([['warn', 'an ID token is of no configured issuer', { ...line, repeated: 2 }]]);
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
