import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Clock } from '../../functions/system/clock.ts';
import type { SendRequest } from '../../functions/system/http-client.ts';

/**
 * An issuer that signs any claims. It publishes its key at `https://keys.example/`, and says so in
 * the configuration of `iss`.
 */
export async function createFakeIssuer(iss: string, clock: Pick<Clock, 'now'>) {
	const { privateKey, publicKey } = await generateKeyPair('RS256');
	const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', use: 'sig' }] };
	const sendRequest: SendRequest = async ({ url }) => {
		const isConfiguration = url.pathname.endsWith('/.well-known/openid-configuration');
		const body = isConfiguration ? { issuer: iss, jwks_uri: 'https://keys.example/' } : keys;
		return { kind: 'answered', status: 200, headers: [], body: Buffer.from(JSON.stringify(body)) };
	};
	/** The times of the claims are set to now, and the expiry to an hour later. */
	async function sign(claims: JWTPayload): Promise<string> {
		const now = Math.floor(clock.now().wallMs / 1_000);
		const times = { iat: now, exp: now + 3_600, ...(claims['auth_time'] === undefined ? {} : { auth_time: now }) };
		return await new SignJWT({ iss, ...claims, ...times })
			.setProtectedHeader({ alg: 'RS256', kid: 'k' })
			.sign(privateKey);
	}
	return { sendRequest, sign };
}
