import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { AssuranceLevel } from '../../session/session.ts';
import { scopesMax } from '../../session/session-schema.ts';
import { issuerDefaults } from '../deployment/issuers.ts';
import type { LoginTimeouts } from '../deployment/login-timeouts.ts';
import { type TrustedIssuer, tenantPattern } from '../deployment/trusted-issuers.ts';
import type { Identity } from '../operations/login.ts';
import { assuranceOf, attributesOf, claimAt, nameOf, scopesOf } from './claim-values.ts';

export type ClaimsRead =
	| {
			readonly kind: 'accepted';
			readonly identity: Identity;
			/** Missing if the limits of the level are all there is. */
			readonly timeouts?: LoginTimeouts;
	  }
	/** `reason` is shown to the client. It names the claim or the check, but not the content. */
	| { readonly kind: 'refused'; readonly reason: string };

/** An issuer, and the tenant that the `iss` of this token names. */
export interface TokenIssuer {
	readonly trusted: TrustedIssuer;
	/** Missing if the issuer has no `{tenant}`. */
	readonly tenant?: string | undefined;
}

/**
 * Checks the claims of an ID token of an issuer (OpenID Connect Core 1.0, section 3.1.3.7), and
 * reads the identity in them. It is pure, so that it can run before anything is fetched.
 *
 * @param type the `typ` of the token's header
 */
export function readClaims(type: unknown, claims: JWTPayload, issuer: TokenIssuer, nowMs: number): ClaimsRead {
	const { trusted } = issuer;
	const { claims: mapping, maxAssurance = 3, scopes: given = 'any' } = trusted;
	const wrong = wrongKind(type, claims) ?? wrongAudience(claims, trusted) ?? wrongTime(claims, trusted, nowMs);
	if (wrong !== undefined) return refused(wrong);
	const subject = subjectOf(claims, issuer);
	if (subject.kind === 'refused') return subject;
	const scopes = scopesOf(claims, mapping).filter((name) => given === 'any' || given.includes(name));
	if (scopes.length > scopesMax) return refused(`the claims must give at most ${scopesMax} scopes`);
	return {
		kind: 'accepted',
		identity: {
			subject: subject.name,
			scopes,
			assuranceLevel: Math.min(assuranceOf(claims, mapping), maxAssurance) as AssuranceLevel,
			...authenticationOf(claims, trusted),
			...(mapping.attributes === undefined ? {} : { attributes: attributesOf(claims, mapping) }),
			...(trusted.reusableTokens ? {} : { idToken: onceOnly(claims, trusted) }),
		},
		...timeoutsOf(claims, trusted),
	};
}

/**
 * The timeouts of the client that logged in: `azp`, to which the issuer gave the token, or else
 * `aud`, which then names one audience only.
 */
function timeoutsOf({ aud, azp }: JWTPayload, { timeouts }: TrustedIssuer): { readonly timeouts?: LoginTimeouts } {
	if (timeouts === undefined) return {};
	const client: unknown = azp ?? (Array.isArray(aud) ? aud[0] : aud);
	return { timeouts: timeouts.clients.get(client) ?? timeouts.others };
}

/**
 * The subject: `name:sub`, or `name:tenant:sub` if the issuer has tenants. Two issuers may use the
 * same `sub` for different people, and so may two tenants.
 */
function subjectOf(
	claims: JWTPayload,
	{ trusted, tenant: inIssuer }: TokenIssuer,
): { readonly kind: 'named'; readonly name: string } | ReturnType<typeof refused> {
	const { subject: path = 'sub', tenant: tenantPath } = trusted.claims;
	const sub = claimAt(claims, path);
	// A number is refused: JSON rounds long numbers, so two people could get the same subject.
	if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub))
		return refused(`${nameOf(path)} must be a string of 1 to 255 printable ASCII characters`);
	const tenant = tenantPath === undefined ? inIssuer : claimAt(claims, tenantPath);
	if (tenant === undefined && tenantPath === undefined) return { kind: 'named', name: `${trusted.name}:${sub}` };
	const what = tenantPath === undefined ? 'the tenant in iss' : nameOf(tenantPath);
	if (typeof tenant !== 'string' || !tenantPattern.test(tenant)) return refused(`${what} must name a tenant`);
	if (inIssuer !== undefined && tenant !== inIssuer) return refused(`${what} must be the tenant in iss`);
	const { tenants = 'any' } = trusted;
	if (tenants !== 'any' && !tenants.includes(tenant)) return refused(`${what} must be a configured tenant`);
	return { kind: 'named', name: `${trusted.name}:${tenant}:${sub}` };
}

/**
 * The ID token for the memory of used ones. The digest is of claims, because a signature has
 * several spellings that verify.
 */
function onceOnly(claims: JWTPayload, issuer: TrustedIssuer): NonNullable<Identity['idToken']> {
	const { iss, sub, iat, jti, exp } = claims;
	const { clockToleranceSeconds, maxTokenAgeSeconds } = timesOf(issuer);
	const digest = hash('sha256', JSON.stringify([iss, sub, iat, jti ?? claims]), 'base64url');
	const usableSeconds = Math.min(Number(exp), Number(iat) + maxTokenAgeSeconds) + clockToleranceSeconds;
	return { digest, expiresAtMs: Math.ceil(usableSeconds * 1_000) };
}

function timesOf({
	clockToleranceSeconds = issuerDefaults.clockToleranceSeconds,
	maxTokenAgeSeconds = issuerDefaults.maxTokenAgeSeconds,
}: TrustedIssuer) {
	return { clockToleranceSeconds, maxTokenAgeSeconds };
}

function refused(reason: string): Extract<ClaimsRead, { kind: 'refused' }> {
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

function wrongAudience({ aud, azp }: JWTPayload, { audience, authorizedParties }: TrustedIssuer): string | undefined {
	const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
	if (!audience.some((known) => audiences.includes(known))) return 'aud must name a configured audience';
	if (azp === undefined)
		return audiences.length === 1 ? undefined : 'azp is needed, because aud names several audiences';
	const isAuthorized = authorizedParties === 'any' || (authorizedParties as readonly unknown[]).includes(azp);
	return isAuthorized ? undefined : 'azp must be a configured audience or authorized party';
}

function wrongTime({ exp, iat, nbf, auth_time }: JWTPayload, issuer: TrustedIssuer, nowMs: number): string | undefined {
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
	{ alwaysAuthenticates = false }: TrustedIssuer,
): Pick<Identity, 'authenticatedAtMs' | 'authenticationTimeUnknown'> {
	const isKnown = isGiven(auth_time);
	const authenticatedAtMs = Math.floor(Number(isKnown ? auth_time : iat) * 1_000);
	return isKnown || alwaysAuthenticates
		? { authenticatedAtMs }
		: { authenticatedAtMs, authenticationTimeUnknown: true };
}
