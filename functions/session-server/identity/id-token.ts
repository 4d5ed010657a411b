import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { AssuranceLevel } from '../../session/session.ts';
import { scopeLengthMax, scopesMax } from '../../session/session-schema.ts';
import type { Clock } from '../../system/clock.ts';
import type { Issuer } from '../deployment/issuers.ts';
import type { Identity } from '../operations/login.ts';

export type VerifiedIdToken =
	| { readonly kind: 'verified'; readonly identity: Identity }
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
 * Verifies ID tokens of the configured issuers (OpenID Connect Core 1.0, section 3.1.3.7) with the
 * keys that the issuers publish.
 */
export function createIdTokenVerifier(issuers: readonly Issuer[], clock: Clock, skewMs: number): VerifyIdToken {
	const known = new Map(
		issuers.map((issuer) => [
			issuer.issuer,
			{ ...issuer, keys: createRemoteJWKSet(new URL(issuer.jwksUri), { timeoutDuration: 3_000 }) },
		]),
	);
	return async (idToken) => {
		if (idToken.length > idTokenLengthMax)
			return refused(`the ID token must have at most ${idTokenLengthMax} characters`);
		const issuer = known.get(claimedIssuer(idToken) ?? '');
		if (issuer === undefined) return refused('iss must be a configured issuer');
		try {
			const { payload, protectedHeader } = await jwtVerify(idToken, issuer.keys, {
				issuer: issuer.issuer,
				audience: issuer.audience,
				algorithms,
				requiredClaims: ['sub', 'exp', 'iat'],
				clockTolerance: Math.ceil(skewMs / 1000),
				currentDate: new Date(clock.now().wallMs),
			});
			// An access token of the same issuer has another type (RFC 9068), and is no proof of a login.
			if (protectedHeader.typ !== undefined && protectedHeader.typ.toUpperCase() !== 'JWT')
				return refused('typ must be JWT');
			return identityOf(payload, issuer, clock.now().wallMs + skewMs);
		} catch (error) {
			return explain(error);
		}
	};
}

/** A scope (RFC 6749 section 3.3). */
const scopePattern = new RegExp(`^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,${scopeLengthMax}}$`);

/** The `iss` claim before the token is verified. It only selects the keys with which to verify. */
function claimedIssuer(idToken: string): string | undefined {
	const [, payload] = idToken.split('.');
	if (payload === undefined) return undefined;
	try {
		const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
		const issuer = typeof claims === 'object' && claims !== null && 'iss' in claims ? claims.iss : undefined;
		return typeof issuer === 'string' ? issuer : undefined;
	} catch {
		return undefined;
	}
}

function identityOf(payload: JWTPayload, issuer: Issuer, latestMs: number): VerifiedIdToken {
	const { sub, iat, azp, auth_time: authTime, scope } = payload;
	if (azp !== undefined && azp !== issuer.audience) return refused('azp must be the configured audience');
	// A number is refused: JSON rounds long numbers, so two people could get the same subject.
	if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub))
		return refused('sub must be a string of 1 to 255 printable ASCII characters');
	const scopes = typeof scope === 'string' ? [...new Set(scope.split(' ').filter((name) => name !== ''))] : [];
	if (scopes.length > scopesMax || !scopes.every((name) => scopePattern.test(name)))
		return refused(
			`scope must list at most ${scopesMax} scopes of at most ${scopeLengthMax} characters each (RFC 6749)`,
		);
	// A time in the future would count as recent for too long.
	const authenticatedAt = authTime ?? iat;
	if (typeof authenticatedAt !== 'number' || !(authenticatedAt >= 0 && authenticatedAt * 1000 <= latestMs + 1_000))
		return refused('auth_time and iat must be times in the past, in seconds since 1970');
	return {
		kind: 'verified',
		identity: {
			// Two issuers may use the same `sub` for different people.
			subject: `${issuer.name}:${sub}`,
			scopes,
			assuranceLevel: assuranceOf(payload),
			authenticatedAtMs: Math.floor(authenticatedAt * 1000),
		},
	};
}

/**
 * The assurance level of the authentication. It is the level in `acr` if that ends in `aal1`,
 * `aal2` or `aal3`. Otherwise it is 2 if `amr` names multiple factors (RFC 8176), and 1 if not.
 */
function assuranceOf({ acr, amr }: JWTPayload): AssuranceLevel {
	const named = typeof acr === 'string' ? /(?:^|[:/])aal([123])$/i.exec(acr)?.[1] : undefined;
	if (named !== undefined) return Number(named) as AssuranceLevel;
	return Array.isArray(amr) && amr.includes('mfa') ? 2 : 1;
}

const malformed = 'the ID token is malformed';

/** Reasons for the errors that are about the token, by jose's stable code. */
const reasons: Readonly<Record<string, string>> = {
	ERR_JWT_EXPIRED: 'the ID token has expired',
	ERR_JWKS_NO_MATCHING_KEY: 'the key that signed the ID token is not among the keys that its issuer publishes',
	ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'the ID token must name its key, because several keys of its issuer match',
	ERR_JOSE_ALG_NOT_ALLOWED: 'alg must be an asymmetric signature algorithm',
	ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'the signature is not valid',
	ERR_JWS_INVALID: malformed,
	ERR_JWT_INVALID: malformed,
	ERR_JOSE_NOT_SUPPORTED: malformed,
};

function explain(error: unknown): VerifiedIdToken {
	const { code = '', claim = '' } = error as { readonly code?: string; readonly claim?: string };
	if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') return refused(claimReason(claim));
	const reason = reasons[code];
	if (reason !== undefined) return refused(reason);
	return { kind: 'unavailable', reason: 'the keys of the issuer could not be fetched' };
}

/**
 * Names what the claim must be. jose reports a claim that is missing in the same way as a wrong
 * one.
 */
function claimReason(claim: string): string {
	switch (claim) {
		case 'aud':
			return 'aud must be the configured audience';
		case 'iss':
			return 'iss must be a configured issuer';
		case 'nbf':
			return 'nbf must be a time in the past, in seconds since 1970';
		default:
			return `${claim} is missing or not valid`;
	}
}

function refused(reason: string): VerifiedIdToken {
	return { kind: 'refused', reason };
}
