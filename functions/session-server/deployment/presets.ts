import type { ClaimMapping, Levels } from './claim-mapping.ts';

/** Known facts about the ID tokens of a provider. The fields of an issuer's entry replace them. */
export interface Preset {
	/** The `iss` of its ID tokens, if it is the same for every customer. */
	readonly issuer?: readonly string[];
	/** An issuer of this provider, to show its form. */
	readonly example: string;
	readonly jwksUri?: string;
	readonly authorizedParties?: 'any';
	readonly claims: ClaimMapping;
	/** The form of a tenant, if all tenants of the provider have one. */
	readonly tenant?: RegExp;
	/** The problem of an issuer as a predicate: `must end with a slash`. */
	readonly faultOf?: (issuer: string) => string | undefined;
}

/**
 * A person unlocked the key with a PIN or a part of their body, so the key is two factors (NIST SP
 * 800-63B-4, section 3.1.7.1). `user` is no such method: it says only that somebody was there.
 */
const unlockedKeys: Levels = Object.fromEntries(
	['hwk', 'swk', 'pop'].flatMap((key) => ['pin', 'fpt', 'face', 'iris'].map((unlock) => [`${key}+${unlock}`, 2])),
);

/** The methods of RFC 8176 that are two factors. */
export const defaultMethods: Levels = { mfa: 2, ...unlockedKeys };

const cognito: Preset = {
	example: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
	claims: {
		// An ID token of Cognito has no scope.
		scopes: ['cognito:groups'],
		// A passkey, or a password and a code, is level 3 of Cognito; with an app it is level 4.
		acr: { 'urn:cognito:loa:1': 1, 'urn:cognito:loa:2': 1, 'urn:cognito:loa:3': 2, 'urn:cognito:loa:4': 2 },
	},
	faultOf: (issuer) =>
		/^https:\/\/[^/]+\.amazoncognito\.com/.test(issuer)
			? 'is the login page of a user pool, and not the iss of its ID tokens'
			: undefined,
};

const entra: Preset = {
	example: 'https://login.microsoftonline.com/{tenant}/v2.0',
	claims: {
		// `sub` differs from app to app. `oid` is the same for all apps of a tenant.
		subject: 'oid',
		tenant: 'tid',
		scopes: ['roles'],
		// The authentication contexts, which each tenant defines for itself.
		acrClaim: 'acrs',
		acr: {},
		amr: { mfa: 2, ngcmfa: 2 },
	},
	tenant: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
	faultOf: (issuer) => {
		if (/^https:\/\/[^/]+\/(common|organizations|consumers)\//.test(issuer))
			return 'names no tenant, but the iss of its ID tokens does';
		const isOfMicrosoft = /^https:\/\/login\.(partner\.)?microsoftonline\./.test(issuer);
		return isOfMicrosoft && !issuer.endsWith('/v2.0') ? 'must end with /v2.0' : undefined;
	},
};

const okta: Preset = {
	example: 'https://example.okta.com/oauth2/default',
	claims: {
		scopes: ['groups'],
		acr: { 'urn:okta:loa:1fa:any': 1, 'urn:okta:loa:1fa:pwd': 1, 'urn:okta:loa:2fa:any': 2 },
	},
	faultOf: (issuer) => {
		if (issuer.endsWith('/')) return 'must not end with a slash';
		if (/^https:\/\/[^/]+-admin\.okta/.test(issuer)) return 'is the console for administrators';
		return /^https?:\/\/[^/]+(\/oauth2\/[^/]+)?$/.test(issuer)
			? undefined
			: 'must have the path /oauth2/ and the id of an authorization server, or none';
	},
};

const auth0: Preset = {
	example: 'https://example.eu.auth0.com/',
	claims: {
		// Auth0 puts no scope into ID tokens. An Action can add a claim.
		scopes: [],
		acr: { 'http://schemas.openid.net/pape/policies/2007/06/multi-factor': 2 },
	},
	faultOf: (issuer) => (issuer.endsWith('/') ? undefined : 'must end with a slash'),
};

const googleIssuers: readonly string[] = ['https://accounts.google.com', 'accounts.google.com'];

const google: Preset = {
	issuer: googleIssuers,
	example: 'https://accounts.google.com',
	jwksUri: 'https://www.googleapis.com/oauth2/v3/certs',
	// On Android, `azp` is the app's own client. Google gives it tokens for the clients of the same
	// project only.
	authorizedParties: 'any',
	claims: { scopes: [], acr: {}, amr: {} },
	faultOf: (issuer) => (googleIssuers.includes(issuer) ? undefined : 'is not an issuer of Google'),
};

const keycloak: Preset = {
	example: 'https://keycloak.example.com/realms/example',
	claims: {
		scopes: [{ claim: ['realm_access', 'roles'] }],
		// Without a table in the realm, Keycloak sends 0 or 1, which say nothing about factors.
		acr: {},
	},
	faultOf: (issuer) =>
		/\/realms\/[^/]+$/.test(issuer) ? undefined : 'must end with /realms/ and the name of the realm',
};

export const presets = { cognito, entra, okta, auth0, google, keycloak } as const;

export type PresetName = keyof typeof presets;

export const presetNames = Object.keys(presets) as readonly PresetName[];

/**
 * The keys of all tenants in the public cloud of Entra ID. Each names the issuers that sign with
 * it.
 */
export const entraKeys = 'https://login.microsoftonline.com/common/discovery/v2.0/keys';
