import { describe, expect, test } from 'vitest';
import type { Issuer } from '../../../../functions/session-server/deployment/issuers.ts';
import { parseIssuers } from '../../../../functions/session-server/deployment/trusted-issuers.ts';
import { createIdTokenVerifier, type VerifiedIdToken } from '../../../../functions/session-server/identity/id-token.ts';
import { createFakeIssuer } from '../../../support/fake-issuer.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';
import { withinAal2 } from '../../../support/verifier-stage.ts';

/*
 * ID tokens rebuilt from the documentation of each provider, with its claims and made-up values.
 * Only their times are those of the test.
 */

type Claims = Readonly<Record<string, unknown>> & { readonly iss: string };

/** Verifies an ID token with these claims, of a provider that is configured by `entry`. */
async function verified(claims: Claims, entry: Omit<Issuer, 'name'>): Promise<VerifiedIdToken> {
	const clock = createSettableClock();
	const { sendRequest, sign } = await createFakeIssuer(claims.iss, clock);
	const issuers = parseIssuers([{ name: 'people', ...entry }], withinAal2);
	return createIdTokenVerifier(issuers, { clock, log: () => undefined, sendRequest })(await sign(claims));
}

describe('Amazon Cognito', () => {
	// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
	const iss = 'https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example';
	const entry = { preset: 'cognito', issuer: iss, audience: ['app-one', 'app-two'] } as const;
	const token: Claims = {
		sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
		'cognito:groups': ['orders', 'test group b', 'Ünicode'],
		email_verified: true,
		'cognito:preferred_role': 'arn:aws:iam::111122223333:role/my-test-role',
		iss,
		'cognito:username': 'my-test-user',
		nonce: 'abcdefg',
		'cognito:roles': ['arn:aws:iam::111122223333:role/my-test-role'],
		aud: 'app-one',
		identities: [{ userId: 'amzn1.account.EXAMPLE', providerName: 'LoginWithAmazon', primary: 'true' }],
		event_id: '64f513be-32db-42b0-b78e-b02127b4f463',
		token_use: 'id',
		auth_time: 1676312777,
		jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
		email: 'my-test-user@example.com',
	};

	test('the groups of an ID token are scopes, except those that cannot be one', async () => {
		expect(await verified(token, entry)).toMatchObject({
			identity: { subject: 'people:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', scopes: ['orders'], assuranceLevel: 1 },
		});
	});

	test('a user of two apps of one pool is one subject', async () => {
		const [one, two] = [await verified(token, entry), await verified({ ...token, aud: 'app-two' }, entry)];
		expect(one).toMatchObject({ kind: 'verified' });
		expect(two).toMatchObject({ kind: 'verified' });
		expect(await verified({ ...token, aud: 'app-three' }, entry)).toMatchObject({ kind: 'refused' });
	});

	test('a pool whose issuer was updated has one subject for both forms', async () => {
		// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html
		const updated = 'https://issuer-cognito-idp.us-west-2.amazonaws.com/us-west-2_example';
		const both = { ...entry, issuer: [iss, updated] };
		expect(await verified({ ...token, iss: updated }, both)).toMatchObject({
			identity: { subject: 'people:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' },
		});
	});

	// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-step-up-authentication.html
	test.each([
		['urn:cognito:loa:1', ['pwd'], 1],
		['urn:cognito:loa:2', ['sms'], 1],
		['urn:cognito:loa:3', ['swk'], 2],
		['urn:cognito:loa:3', ['pwd', 'sms', 'mfa'], 2],
		['urn:cognito:loa:4', ['pwd', 'otp', 'mfa'], 2],
		['urn:my-standard:loa:2', ['pwd', 'otp', 'mfa'], 2],
		['urn:my-standard:loa:2', ['fed'], 1],
	])('the level %s with %j is assurance level %i', async (acr, amr, assuranceLevel) => {
		expect(await verified({ ...token, acr, amr }, entry)).toMatchObject({ identity: { assuranceLevel } });
	});

	test('an access token is refused', async () => {
		expect(await verified({ ...token, token_use: 'access' }, entry)).toMatchObject({
			reason: 'token_use must be id',
		});
	});
});

describe('Microsoft Entra ID', () => {
	// https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference
	const tid = '3338040d-6c67-4c5b-b112-36a304b66dad';
	const token: Claims = {
		ver: '2.0',
		iss: `https://login.microsoftonline.com/${tid}/v2.0`,
		sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
		aud: '6cb04018-a3f5-46a7-b995-940c78f5aef3',
		name: 'Abe Lincoln',
		preferred_username: 'AbeLi@microsoft.com',
		oid: '00000000-0000-0000-66f3-3332eca7ea81',
		roles: ['orders'],
		tid,
		nonce: '123523',
		aio: 'Df2UVXL1ix',
	};
	const { iss, aud: audience } = token as Claims & { aud: string };
	const subject = `people:${tid}:00000000-0000-0000-66f3-3332eca7ea81`;

	test.each<[string, Omit<Issuer, 'name'>]>([
		['one tenant', { preset: 'entra', issuer: iss, audience }],
		['listed tenants', { preset: 'entra', tenants: [tid], audience }],
		['any tenant', { preset: 'entra', tenants: 'any', audience }],
	])('a user is the same subject with an entry for %s', async (_, entry) => {
		expect(await verified(token, entry)).toMatchObject({
			identity: { subject, scopes: ['orders'], assuranceLevel: 1, authenticationTimeUnknown: true },
		});
	});

	test('a tenant that is not listed, or not that of iss, is refused', async () => {
		expect(await verified(token, { preset: 'entra', tenants: [tid.replace('3', '4')], audience })).toMatchObject({
			reason: 'iss must be a configured issuer',
		});
		expect(await verified({ ...token, tid: 'other' }, { preset: 'entra', tenants: 'any', audience })).toMatchObject({
			reason: 'tid must be the tenant in iss',
		});
	});

	test('without the scope profile there is no oid, and the answer names it', async () => {
		const { oid: _, ...without } = token;
		expect(await verified(without as Claims, { preset: 'entra', issuer: iss, audience })).toMatchObject({
			reason: expect.stringMatching(/^oid must be a string/),
		});
	});

	test('authentication contexts are levels by the table of the deployment', async () => {
		const entry = { preset: 'entra', issuer: iss, audience, claims: { acr: { c1: 2 } } } as const;
		expect(await verified({ ...token, acrs: ['c3', 'c1'] }, entry)).toMatchObject({ identity: { assuranceLevel: 2 } });
	});
});

describe('Okta', () => {
	// https://developer.okta.com/docs/guides/customize-tokens-groups-claim/main/
	const iss = 'https://example.okta.com/oauth2/default';
	const entry = { preset: 'okta', issuer: iss, audience: '0oaoiuhhch8VRtBnC0h7' } as const;
	const token: Claims = {
		sub: '00uixa271s6x7qt8I0h7',
		ver: 1,
		iss,
		aud: '0oaoiuhhch8VRtBnC0h7',
		jti: 'ID.ewMNfSvcpuqyS93OgVeCN3F2LseqROkyYjz7DNb9yhs',
		amr: ['pwd', 'mfa', 'kba'],
		idp: '00oixa26ycdNcX0VT0h7',
		nonce: 'UBGW',
		auth_time: 1574201433,
		groups: ['Everyone', 'orders'],
	};

	test('groups are scopes, and several factors are level 2', async () => {
		expect(await verified(token, entry)).toMatchObject({
			identity: { subject: 'people:00uixa271s6x7qt8I0h7', scopes: ['Everyone', 'orders'], assuranceLevel: 2 },
		});
	});

	test('the authorization server of the organisation issues ID tokens also', async () => {
		const organisation = { ...entry, issuer: 'https://example.okta.com' };
		expect(await verified({ ...token, iss: organisation.issuer }, organisation)).toMatchObject({ kind: 'verified' });
	});

	// https://developer.okta.com/docs/guides/step-up-authentication/main/
	// https://developer.okta.com/docs/guides/configure-amr-claims-mapping/main/
	test.each([
		['urn:okta:loa:1fa:any', ['pwd'], 1],
		['urn:okta:loa:2fa:any', ['pwd', 'sms', 'mfa'], 2],
		['urn:okta:loa:2fa:any:ifpossible', ['pwd'], 1],
		['phr', ['okta_verify', 'phr', 'mfa'], 2],
		['phr', ['pop'], 1],
		['phrh', ['sc', 'hwk', 'pin', 'mfa'], 2],
	])('the class %s with %j is assurance level %i', async (acr, amr, assuranceLevel) => {
		expect(await verified({ ...token, acr, amr }, entry)).toMatchObject({ identity: { assuranceLevel } });
	});
});

describe('Auth0', () => {
	// https://auth0.com/docs/secure/tokens/id-tokens/id-token-structure
	const iss = 'https://my-domain.eu.auth0.com/';
	const roles = 'https://example.com/roles';
	const entry = { preset: 'auth0', issuer: iss, audience: 'my_client_id', claims: { scopes: [roles] } } as const;
	const token: Claims = {
		iss,
		sub: 'auth0|123456',
		aud: 'my_client_id',
		name: 'Jane Doe',
		given_name: 'Jane',
		family_name: 'Doe',
		email: 'janedoe@example.com',
		picture: 'http://example.com/janedoe/me.jpg',
		// https://auth0.com/docs/secure/tokens/json-web-tokens/create-custom-claims
		[roles]: ['orders'],
	};

	test('a claim with a namespace, which an Action has added, gives scopes', async () => {
		expect(await verified(token, entry)).toMatchObject({
			identity: { subject: 'people:auth0|123456', scopes: ['orders'], assuranceLevel: 1 },
		});
	});

	// https://auth0.com/docs/secure/multi-factor-authentication/step-up-authentication/configure-step-up-authentication-for-web-apps
	test('a second factor is level 2', async () => {
		expect(await verified({ ...token, amr: ['mfa'] }, entry)).toMatchObject({ identity: { assuranceLevel: 2 } });
	});
});

describe('Google', () => {
	// https://developers.google.com/identity/openid-connect/openid-connect
	const token: Claims = {
		iss: 'https://accounts.google.com',
		azp: '1234987819200.apps.googleusercontent.com',
		aud: '1234987819200.apps.googleusercontent.com',
		sub: '10769150350006150715113082367',
		at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
		hd: 'example.com',
		email: 'jsmith@example.com',
		email_verified: 'true',
		nonce: '0394852-3190485-2490358',
	};
	const entry = { preset: 'google', audience: '1234987819200.apps.googleusercontent.com' } as const;

	test.each<[string, object]>([
		['from a page', {}],
		['with the issuer without its scheme', { iss: 'accounts.google.com' }],
		// https://developers.google.com/identity/sign-in/android/backend-auth
		['from an Android app, whose azp is its own client', { azp: '1234987819200-android.apps.googleusercontent.com' }],
	])('a token %s logs in', async (_, changes) => {
		expect(await verified({ ...token, ...changes }, entry)).toMatchObject({
			identity: { subject: 'people:10769150350006150715113082367', scopes: [], assuranceLevel: 1 },
		});
	});

	test('only a listed Workspace domain logs in if the tenant is hd', async () => {
		const workspace = { ...entry, tenants: ['example.com'], claims: { tenant: 'hd' } } as const;
		expect(await verified(token, workspace)).toMatchObject({
			identity: { subject: 'people:example.com:10769150350006150715113082367' },
		});
		expect(await verified({ ...token, hd: 'other.example' }, workspace)).toMatchObject({
			reason: 'hd must be a configured tenant',
		});
		expect(await verified({ ...token, hd: undefined }, workspace)).toMatchObject({ reason: 'hd must name a tenant' });
	});
});

describe('Keycloak', () => {
	// https://www.keycloak.org/docs/latest/server_admin/#_oidc_token_role_mappings
	// https://github.com/keycloak/keycloak/blob/main/core/src/main/java/org/keycloak/representations/IDToken.java
	const iss = 'https://keycloak.example.com/realms/example';
	const entry = { preset: 'keycloak', issuer: iss, audience: 'shop' } as const;
	const token: Claims = {
		auth_time: 1_700_000_000,
		jti: '4cf8b0ac-7a31-4a64-a0b5-c8b1d5ae4d2f',
		iss,
		aud: 'shop',
		sub: '1ea2b9b3-9d8e-4ed8-9d5b-7ba1f9ac1b0b',
		typ: 'ID',
		azp: 'shop',
		sid: '5a6e7a9d-9d5e-4a5a-9f42-6d6c1c8a8e3a',
		at_hash: 'xRk0L1M9X2mVZ3sC7y0nEw',
		acr: '1',
		realm_access: { roles: ['orders', 'offline_access'] },
		email_verified: true,
		preferred_username: 'ada',
	};

	test('nothing but roles of the realm gives scopes, because Keycloak puts no scope into ID tokens', async () => {
		const { realm_access: _, ...without } = token;
		expect(await verified({ ...without, scope: 'refund' } as Claims, entry)).toMatchObject({
			identity: { scopes: [] },
		});
	});

	test('roles of the realm are scopes, and acr 1 is no level', async () => {
		expect(await verified(token, entry)).toMatchObject({
			identity: {
				subject: 'people:1ea2b9b3-9d8e-4ed8-9d5b-7ba1f9ac1b0b',
				scopes: ['orders', 'offline_access'],
				assuranceLevel: 1,
			},
		});
	});

	// https://www.keycloak.org/docs/latest/server_admin/#_step-up-flow
	test('a table gives the levels of a realm that has some, and roles of a client are a path', async () => {
		const claims = { acr: { gold: 2 }, scopes: [{ claim: ['resource_access', 'shop', 'roles'] }] } as const;
		const shop = { ...token, acr: 'gold', resource_access: { shop: { roles: ['refund'] } } };
		expect(await verified(shop, { ...entry, claims })).toMatchObject({
			identity: { scopes: ['refund'], assuranceLevel: 2 },
		});
	});

	test.each(['Bearer', 'Refresh', 'Logout'])('a token of the type %s is refused', async (typ) => {
		expect(await verified({ ...token, typ }, entry)).toMatchObject({ reason: 'the claim typ must be ID' });
	});
});
