import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { AssuranceLevel } from '../../session/session.ts';
import { scopeLengthMax, scopesMax } from '../../session/session-schema.ts';
import { type Issuer, issuerDefaults } from '../deployment/issuers.ts';
import type { Identity } from '../operations/login.ts';

export type ClaimsRead =
	| { readonly kind: 'accepted'; readonly identity: Identity }
	/** `reason` is shown to the client. It names the claim or the check, but not the content. */
	| { readonly kind: 'refused'; readonly reason: string };

/** A scope (RFC 6749 section 3.3). */
const scopePattern = new RegExp(`^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,${scopeLengthMax}}$`);

/**
 * Checks the claims of an ID token of `issuer` (OpenID Connect Core 1.0, section 3.1.3.7), and
 * reads the identity in them. It is pure, so that it can run before anything is fetched.
 *
 * @param type the `typ` of the token's header
 */
export function readClaims(type: unknown, claims: JWTPayload, issuer: Issuer, nowMs: number): ClaimsRead {
	const { sub, scope } = claims;
	const wrong = wrongKind(type, claims) ?? wrongAudience(claims, issuer) ?? wrongTime(claims, issuer, nowMs);
	if (wrong !== undefined) return refused(wrong);
	// A number is refused: JSON rounds long numbers, so two people could get the same subject.
	if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub))
		return refused('sub must be a string of 1 to 255 printable ASCII characters');
	const scopes = typeof scope === 'string' ? [...new Set(scope.split(' ').filter((name) => name !== ''))] : [];
	if (scopes.length > scopesMax || !scopes.every((name) => scopePattern.test(name)))
		return refused(
			`scope must list at most ${scopesMax} scopes of at most ${scopeLengthMax} characters each (RFC 6749)`,
		);
	const { maxAssurance = 3, scopes: given = 'any' } = issuer;
	return {
		kind: 'accepted',
		identity: {
			// Two issuers may use the same `sub` for different people.
			subject: `${issuer.name}:${sub}`,
			scopes: given === 'any' ? scopes : scopes.filter((name) => given.includes(name)),
			assuranceLevel: Math.min(assuranceOf(claims), maxAssurance) as AssuranceLevel,
			...authenticationOf(claims, issuer),
			...(issuer.reusableTokens ? {} : { idToken: onceOnly(claims, issuer) }),
		},
	};
}

/**
 * The ID token for the memory of used ones. The digest is of claims, because a signature has
 * several spellings that verify.
 */
function onceOnly(claims: JWTPayload, issuer: Issuer): NonNullable<Identity['idToken']> {
	const { iss, sub, iat, jti, exp } = claims;
	const { clockToleranceSeconds, maxTokenAgeSeconds } = timesOf(issuer);
	const digest = hash('sha256', JSON.stringify([iss, sub, iat, jti ?? claims]), 'base64url');
	const usableSeconds = Math.min(Number(exp), Number(iat) + maxTokenAgeSeconds) + clockToleranceSeconds;
	return { digest, expiresAtMs: Math.ceil(usableSeconds * 1_000) };
}

function timesOf({
	clockToleranceSeconds = issuerDefaults.clockToleranceSeconds,
	maxTokenAgeSeconds = issuerDefaults.maxTokenAgeSeconds,
}: Issuer) {
	return { clockToleranceSeconds, maxTokenAgeSeconds };
}

function refused(reason: string): ClaimsRead {
	return { kind: 'refused', reason };
}

/**
 * Tokens of another kind are no proof of a login, though the issuer signs them with the same key:
 * access tokens (RFC 9068; Keycloak's claim `typ`, Cognito's `token_use`), and logout tokens
 * (OpenID Connect Back-Channel Logout 1.0, section 2.4).
 */
function wrongKind(type: unknown, claims: JWTPayload): string | undefined {
	if (type !== undefined && (typeof type !== 'string' || type.toUpperCase() !== 'JWT'))
		return 'typ in the header must be JWT';
	if (claims['typ'] !== undefined && claims['typ'] !== 'ID') return 'the claim typ must be ID';
	if (claims['token_use'] !== undefined && claims['token_use'] !== 'id') return 'token_use must be id';
	return claims['events'] === undefined ? undefined : 'an ID token has no events';
}

function wrongAudience({ aud, azp }: JWTPayload, { audience }: Issuer): string | undefined {
	const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
	if (!audiences.includes(audience)) return 'aud must be the configured audience';
	if (azp === audience || (azp === undefined && audiences.length === 1)) return undefined;
	return 'azp must be the configured audience, and is needed if there are several';
}

function wrongTime({ exp, iat, nbf, auth_time }: JWTPayload, issuer: Issuer, nowMs: number): string | undefined {
	const { clockToleranceSeconds, maxTokenAgeSeconds } = timesOf(issuer);
	const nowSeconds = nowMs / 1_000;
	const isPast = (time: unknown) => isTime(time) && time <= nowSeconds + clockToleranceSeconds;
	if (!isTime(exp)) return 'exp must be a time in seconds since 1970';
	if (nowSeconds >= exp + clockToleranceSeconds) return 'the ID token has expired';
	if (nbf !== undefined && !isPast(nbf)) return 'nbf must be a time in the past, in seconds since 1970';
	if (!isPast(iat)) return 'iat must be a time in the past, in seconds since 1970';
	if (nowSeconds > Number(iat) + maxTokenAgeSeconds + clockToleranceSeconds)
		return `the ID token must be at most ${maxTokenAgeSeconds} seconds old`;
	// A time in the future would count as recent for too long.
	if (isGiven(auth_time) && !isPast(auth_time)) return 'auth_time must be a time in the past, in seconds since 1970';
	return undefined;
}

function isTime(value: unknown): value is number {
	return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isGiven(claim: unknown): boolean {
	return claim !== undefined && claim !== null;
}

/**
 * When the subject proved their identity. `iat` is no answer: an issuer makes a new token for a
 * refresh, or from its own session, with no user present. It is the answer only if the issuer asks
 * for a proof each time.
 */
function authenticationOf(
	{ auth_time, iat }: JWTPayload,
	{ alwaysAuthenticates = false }: Issuer,
): Pick<Identity, 'authenticatedAtMs' | 'authenticationTimeUnknown'> {
	const isKnown = isGiven(auth_time);
	const authenticatedAtMs = Math.floor(Number(isKnown ? auth_time : iat) * 1_000);
	return isKnown || alwaysAuthenticates
		? { authenticatedAtMs }
		: { authenticatedAtMs, authenticationTimeUnknown: true };
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
