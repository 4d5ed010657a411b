import { jwtVerify, SignJWT } from 'jose';
import { sessionSeconds } from '../session-seconds.ts';
import { jwtAudience, jwtFunction, jwtIssuer, jwtSecret } from './jwt-peer.ts';
import type { Attributes } from './peer.ts';

const limits = { issuer: jwtIssuer, audience: jwtAudience, algorithms: ['HS256'] };
// A key that is imported once is verified with faster than raw bytes.
const key = await crypto.subtle.importKey('raw', jwtSecret, { name: 'HMAC', hash: 'SHA-256' }, false, [
	'sign',
	'verify',
]);

export const handler = jwtFunction({
	sign: (claims) =>
		new SignJWT(claims)
			.setProtectedHeader({ alg: 'HS256' })
			.setIssuer(jwtIssuer)
			.setAudience(jwtAudience)
			.setIssuedAt()
			.setExpirationTime(`${sessionSeconds}s`)
			.sign(key),
	verify: async (token) => (await jwtVerify<Attributes>(token, key, limits)).payload,
});
