import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../../system/clock.ts';
import type { SendRequest } from '../../system/http-client.ts';
import type { Log } from '../../system/log.ts';
import { createRepeats } from '../../system/repeats.ts';
import { issuerDefaults } from '../deployment/issuers.ts';
import type { LoginTimeouts } from '../deployment/login-timeouts.ts';
import type { TrustedIssuer } from '../deployment/trusted-issuers.ts';
import type { Identity } from '../operations/login.ts';
import { readClaims } from './claims.ts';
import { createIssuerKeys, type FindKey, KeysUnavailable } from './issuer-keys.ts';
import { createKeyFetch } from './key-source.ts';
import { createKnownIssuers } from './known-issuers.ts';

export type VerifiedIdToken =
	| {
			readonly kind: 'verified';
			readonly identity: Identity;
			/** How long the session may last. Missing if the limits of the level are all there is. */
			readonly timeouts?: LoginTimeouts;
	  }
	/** `reason` is shown to the client. It names the claim or the check, but not the content. */
	| { readonly kind: 'refused'; readonly reason: string }
	/** The issuer's keys could not be fetched. */
	| { readonly kind: 'unavailable'; readonly reason: string };

export type VerifyIdToken = (idToken: string) => Promise<VerifiedIdToken>;

/**
 * The algorithms that an issuer may use. They are asymmetric, so an issuer shares no secret, and
 * `none` is refused.
 */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** ID tokens have one or two kilobytes. API Gateway accepts at most 10,240 bytes of headers. */
const idTokenLengthMax = 8_192;

/**
 * Verifies ID tokens of the configured issuers with the keys that the issuers publish. Claims are
 * checked before any key is fetched, so only tokens that could log in cause a fetch.
 */
export function createIdTokenVerifier(
	issuers: readonly TrustedIssuer[],
	{ clock, log, sendRequest }: { readonly clock: Clock; readonly log: Log; readonly sendRequest: SendRequest },
): VerifyIdToken {
	const findIssuer = createKnownIssuers(issuers);
	const repeats = createRepeats(clock);
	/** By the address from which they come. Only configured issuers have an entry. */
	const keys = new Map<string, FindKey>();

	function keysOf({ jwksUri }: TrustedIssuer, iss: string): FindKey {
		const address = jwksUri ?? iss;
		const known = keys.get(address);
		if (known !== undefined) return known;
		const source = jwksUri === undefined ? { issuer: iss } : { jwksUri };
		const findKey = createIssuerKeys(createKeyFetch(source, sendRequest, clock), clock, log);
		keys.set(address, findKey);
		return findKey;
	}

	/** Anyone can make up issuers, so there is one line in ten seconds. */
	function reportUnknown(iss: unknown): void {
		const line = repeats('unknown issuer');
		if (line === undefined) return;
		const advice = 'If this is your issuer, the settings must have it with exactly this spelling.';
		log('warn', 'an ID token is of no configured issuer', { iss: String(iss).slice(0, 200), advice, ...line });
	}

	return async (idToken) => {
		if (idToken.length > idTokenLengthMax)
			return refused(`the ID token must have at most ${idTokenLengthMax} characters`);
		const claimed = decode(idToken);
		if (claimed === undefined) return refused(malformed);
		const { iss } = claimed.payload;
		const found = typeof iss === 'string' ? findIssuer(iss) : undefined;
		if (iss === undefined || found === undefined) {
			reportUnknown(iss);
			return refused('iss must be a configured issuer');
		}
		const { trusted } = found;
		const { wallMs } = clock.now();
		const read = readClaims(claimed.type, claimed.payload, found, wallMs);
		if (read.kind === 'refused') return read;
		const verified = await verifySignature(iss);
		if ('kind' in verified) return verified;
		const again = readClaims(verified.protectedHeader.typ, verified.payload, found, wallMs);
		return again.kind === 'refused' ? again : { ...again, kind: 'verified' };

		async function verifySignature(issuer: string) {
			try {
				return await jwtVerify(idToken, keysOf(trusted, issuer)(issuer), {
					issuer,
					audience: [...trusted.audience],
					algorithms,
					clockTolerance: trusted.clockToleranceSeconds ?? issuerDefaults.clockToleranceSeconds,
					currentDate: new Date(wallMs),
				});
			} catch (error) {
				return explain(error, trusted, log);
			}
		}
	};
}

/** The content of a token that is not verified. */
function decode(idToken: string): { readonly type: unknown; readonly payload: JWTPayload } | undefined {
	try {
		return { type: decodeProtectedHeader(idToken).typ, payload: decodeJwt(idToken) };
	} catch {
		return undefined;
	}
}

const malformed = 'the ID token is malformed';

/** Reasons for the errors that are about the token, by jose's stable code. */
const reasons: Readonly<Record<string, string>> = {
	ERR_JWKS_NO_MATCHING_KEY: 'the key that signed the ID token is not among the keys that its issuer publishes',
	ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'the ID token must name its key, because several keys of its issuer match',
	ERR_JOSE_ALG_NOT_ALLOWED: 'alg must be an asymmetric signature algorithm',
	ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'the signature is not valid',
	ERR_JWS_INVALID: malformed,
	ERR_JWT_INVALID: malformed,
	ERR_JWT_CLAIM_VALIDATION_FAILED: malformed,
	ERR_JOSE_NOT_SUPPORTED: malformed,
};

/**
 * Every other error comes from importing or using the published key, for example one that is too
 * short. Trying again has the same outcome, so the token is refused.
 */
function explain(error: unknown, issuer: TrustedIssuer, log: Log): VerifiedIdToken {
	if (error instanceof KeysUnavailable) return { kind: 'unavailable', reason: error.message };
	const { code = '' } = error as { readonly code?: string };
	const reason = reasons[code];
	if (reason !== undefined) return refused(reason);
	log('warn', 'a key that an issuer publishes cannot be used', { issuer: issuer.name, reason: String(error) });
	return refused('the key that signed the ID token cannot be used');
}

function refused(reason: string): VerifiedIdToken {
	return { kind: 'refused', reason };
}
