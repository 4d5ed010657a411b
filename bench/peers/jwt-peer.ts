import { type Attributes, attributesOf, bearerOf, type PeerRequest, peerFunction, refused } from './peer.ts';

/** Signs and verifies the tokens of a session. `verify` throws if the token is not valid. */
export interface Jwt {
	sign(claims: Attributes): Promise<string> | string;
	verify(token: string): Promise<Attributes> | Attributes;
}

/** The secret of HS256, as long as its hash. */
export const jwtSecret = Buffer.alloc(32, 7);
export const jwtIssuer = 'https://issuer.example';
export const jwtAudience = 'benchmark';

/** The session is a signed token. A change is another token, and a logout forgets it. */
export function jwtFunction({ sign, verify }: Jwt) {
	async function claimsOf(request: PeerRequest): Promise<Attributes | undefined> {
		try {
			return await verify(bearerOf(request));
		} catch {
			return undefined;
		}
	}
	return peerFunction({
		login: async (user) => ({ status: 201, token: await sign(attributesOf(user)) }),
		decide: async (request) => {
			const claims = await claimsOf(request);
			return claims === undefined ? refused : { status: 204, headers: { 'x-user': claims.user } };
		},
		change: async (request, nickname) => {
			const claims = await claimsOf(request);
			if (claims === undefined) return refused;
			const { user, scope, assurance } = claims;
			return { status: 200, token: await sign({ user, scope, assurance, nickname }) };
		},
		logout: async () => ({ status: 204 }),
	});
}
