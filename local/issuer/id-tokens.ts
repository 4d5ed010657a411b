import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Claims } from './claims.ts';

export const signingAlgorithm = 'ES256';

/** The issuer's key, and what is signed with it. */
export interface IdTokens {
	readonly jwks: JSONWebKeySet;
	mint(issuer: string, audience: string, claims: Claims): Promise<string>;
	/** The claims of a token that `mint` returned, expired or not. `undefined` for any other text. */
	read(token: string): Promise<JWTPayload | undefined>;
}

export async function createIdTokens(nowMs: () => number): Promise<IdTokens> {
	const { privateKey, publicKey } = await generateKeyPair(signingAlgorithm);
	const kid = 'local';
	return {
		jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: signingAlgorithm, kid, use: 'sig' }] },
		async mint(issuer, audience, claims) {
			const now = Math.floor(nowMs() / 1_000);
			const { subject, scope, acr, amr, authTime = now, expiresInSeconds = 3_600, nonce, sid } = claims;
			return await new SignJWT({ auth_time: authTime, ...defined({ scope, acr, amr, nonce, sid }) })
				.setProtectedHeader({ alg: signingAlgorithm, kid, typ: 'JWT' })
				.setIssuer(issuer)
				.setAudience(claims.audience ?? audience)
				.setSubject(subject)
				.setIssuedAt(now)
				// Each token logs in once, so no two of one second may be the same.
				.setJti(randomUUID())
				.setExpirationTime(now + expiresInSeconds)
				.sign(privateKey);
		},
		async read(token) {
			const options = { algorithms: [signingAlgorithm], currentDate: new Date(0) };
			return await jwtVerify(token, publicKey, options).then(
				({ payload }) => payload,
				() => undefined,
			);
		},
	};
}

function defined<Fields extends object>(fields: Fields): Partial<Fields> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}
