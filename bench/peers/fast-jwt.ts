import { createSigner, createVerifier } from 'fast-jwt';
import { sessionSeconds } from '../session-seconds.ts';
import { jwtAudience, jwtFunction, jwtIssuer, jwtSecret } from './jwt-peer.ts';
import type { Attributes } from './peer.ts';

const names = { iss: jwtIssuer, aud: jwtAudience };
const sign = createSigner({ ...names, key: jwtSecret, algorithm: 'HS256', expiresIn: sessionSeconds * 1_000 });
const verify = createVerifier({
	key: jwtSecret,
	algorithms: ['HS256'],
	allowedIss: jwtIssuer,
	allowedAud: jwtAudience,
	// It remembers verified tokens, which its documentation recommends for speed.
	cache: 10_000,
});

export const handler = jwtFunction({ sign, verify: (token) => verify(token) as unknown as Attributes });
