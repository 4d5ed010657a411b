import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import type { Issuer } from '../../functions/session-server/deployment/issuers.ts';
import type { DeploymentTimeouts } from '../../functions/session-server/deployment/login-timeouts.ts';
import { timeoutPresets } from '../../functions/session-server/deployment/timeouts.ts';
import { parseIssuers } from '../../functions/session-server/deployment/trusted-issuers.ts';
import { createIdTokenVerifier } from '../../functions/session-server/identity/id-token.ts';
import type { ServiceAnswer, ServiceFailure } from '../../functions/system/http-client.ts';
import { createSettableClock } from './settable-clock.ts';

export const issuer = 'https://issuer.example';
export const audience = 'app';

/** The timeouts of a deployment with the default level that sets none within its limits. */
export const withinAal2: DeploymentTimeouts = { limits: timeoutPresets.aal2, own: {} };

export type Claims = Readonly<Record<string, unknown>>;

export function answerOf(status: number, body: string): ServiceAnswer {
	return { kind: 'answered', status, headers: [], body: Buffer.from(body) };
}

export async function newKey(kid: string) {
	const { privateKey, publicKey } = await generateKeyPair('ES256');
	return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
}

/** An issuer that signs tokens with any claims. The test says how it answers for its keys. */
export async function setUp(configured: Partial<Issuer> = {}) {
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
		parseIssuers([{ name: 'test', issuer, audience, jwksUri: `${issuer}/jwks`, ...configured }], withinAal2),
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
