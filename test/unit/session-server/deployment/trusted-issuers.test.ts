import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fillPlaces } from '../../../../functions/session-server/deployment/places.ts';
import { parseIssuers } from '../../../../functions/session-server/deployment/trusted-issuers.ts';
import { withinAal2 } from '../../../support/verifier-stage.ts';

const issuer = { name: 'main', issuer: 'https://issuer.example', audience: 'leasehold' };
const other = { ...issuer, name: 'other', issuer: 'https://other.example' };
const pattern = { ...issuer, issuer: 'https://issuer.example/{tenant}/v2' };
const jwksUri = 'https://issuer.example/jwks';
const tenant = '3338040d-6c67-4c5b-b112-36a304b66dad';
const secrets = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret';

describe('a list of issuers', () => {
	test('is filled in: one URL is a list, and the authorized parties are the audiences', () => {
		expect(parseIssuers([issuer], withinAal2)).toEqual([
			{
				name: 'main',
				issuer: ['https://issuer.example'],
				audience: ['leasehold'],
				authorizedParties: ['leasehold'],
				claims: {},
			},
		]);
	});

	test('may have hundreds of issuers', () => {
		const many = Array.from({ length: 500 }, (_, index) => ({
			name: `i${index}`,
			issuer: `https://i${index}.example`,
			audience: 'a',
			maxAssurance: 2,
			scopes: 'any',
		}));
		expect(parseIssuers(many, withinAal2)).toHaveLength(500);
		expect(() => parseIssuers([...many, issuer], withinAal2)).toThrow('issuers.json must have at most 500 entries');
	});

	test.each<[object, string]>([
		[[], 'issuers.json must not be empty'],
		[[issuer, { ...other, jwksUri: 'jwks' }], 'issuers.json, 1.jwksUri: must be an https URL'],
		[[{ ...issuer, audience: undefined }], 'issuers.json, 0.audience'],
		[[{ ...issuer, audience: [] }], '0.audience: must not be empty'],
		[[{ ...issuer, issuer: undefined }], '0.issuer: is missing: write the iss of its ID tokens'],
		[[{ ...issuer, issuer: 'nowhere' }], '0.issuer: must be an https URL'],
		[[{ ...issuer, issuer: ['https://a.example', 'nowhere'] }], '0.issuer.1: must be an https URL'],
		[[{ ...issuer, issuer: 'https://issuer.example/?a=b' }], '0.issuer: must have neither a query nor a fragment'],
		[[{ ...issuer, name: 'a:b' }], 'issuers.json, 0.name'],
		[[{ ...issuer, key: 'x' }], 'issuers.json, 0.key'],
		[[{ ...issuer, preset: 'azure' }], '0.preset'],
		[[{ ...issuer, issuer: 'ftp://issuer.example' }], '0.issuer: must be an https URL, such as https://issuer.example'],
		[[{ ...issuer, issuer: ' https://issuer.example' }], '0.issuer: must be an https URL'],
		[[{ ...issuer, issuer: 'https://a:b@issuer.example' }], '0.issuer: must be an https URL'],
		[
			[{ ...issuer, issuer: 'https://issuer.example/.well-known/openid-configuration' }],
			'0.issuer: must be the iss of its ID tokens, without /.well-known/openid-configuration',
		],
		[[{ ...issuer, issuer: 'https://issuer.example/{tenantid}/v2' }], '0.issuer: must have no braces but {tenant}'],
		[[{ ...issuer, jwksUri: 'http://issuer.example/keys' }], '0.jwksUri: must be an https URL, because issuer is one'],
		[[{ ...issuer, jwksUri: 'ftp://issuer.example/keys' }], '0.jwksUri: must be an https URL'],
		[
			[{ ...pattern, tenants: ['a'], jwksUri: 'https://issuer.example/{tenant}/keys' }],
			'0.jwksUri: must be one address for all tenants',
		],
		[
			[{ ...issuer, jwksUri: 'https://issuer.example/.well-known/openid-configuration' }],
			'0.jwksUri: must be the address of the keys, and not of the configuration: leave it out',
		],
		[
			[{ ...issuer, claims: { scopes: [{ claim: 'groups', table: { Admins: 'read write' } }] } }],
			'must be a scope: 1 to 128 printable ASCII characters',
		],
		[[{ ...issuer, claims: { scopes: [{ claim: 'groups', prefix: 'a b' }] } }], 'must be a scope'],
		[[{ ...issuer, scopes: ['a b'] }], 'must be a scope'],
		[[{ ...issuer, claims: { amr: { 'pwd + otp': 2 } } }], 'must be methods with + between them, such as hwk+pin'],
		[[{ ...issuer, claims: { amr: { 'pwd+': 2 } } }], 'must be methods with + between them'],
		[
			[{ ...issuer, client: { id: 'leasehold', authorizationParameters: { state: 'x' } } }],
			'0.client.authorizationParameters: must not have state, which the API sets',
		],
		[
			[{ ...issuer, client: { id: 'leasehold', secretArn: `${secrets}:*` } }],
			'0.client.secretArn: must be the ARN of one secret, such as arn:aws:secretsmanager:',
		],
		[[{ ...issuer, client: { id: 'leasehold', secretArn: 'client-secret' } }], '0.client.secretArn: must be the ARN'],
		[[issuer, { ...other, name: 'main' }].map(limited), 'issuers.json must have no name twice, but two are named main'],
		[
			[issuer, { ...issuer, name: 'x' }].map(limited),
			'must have no issuer twice, but https://issuer.example is there twice: write several client ids into the audience',
		],
		[
			['a', 'b'].map((name) => limited({ ...pattern, name, tenants: [name] })),
			'or one tenant into issuer in place of {tenant}',
		],
		[[issuer, other], 'issuers.json, 0.maxAssurance: is needed'],
		[[limited(issuer), { ...other, maxAssurance: 1 }], 'issuers.json, 1.scopes: is needed'],
		[[pattern], '0.tenants: is missing, but issuer has {tenant}: list the tenants that may log in, or write "any"'],
		[[{ ...issuer, tenants: ['a'] }], '0.tenants: needs a tenant in ID tokens: write {tenant} into issuer, or name'],
		[[{ ...pattern, tenants: 'any' }], '0.jwksUri: is needed if any tenant may log in'],
		[[{ ...pattern, tenants: ['a:b'] }], '0.tenants: must be letters, digits, dots, hyphens'],
		[
			[{ ...issuer, issuer: 'https://{tenant}.example', tenants: ['a'] }],
			'0.issuer: must have {tenant} once, and in the path',
		],
		[
			[{ ...issuer, issuer: 'https://a.example/{tenant}/{tenant}', tenants: ['a'] }],
			'0.issuer: must have {tenant} once',
		],
		[
			[{ ...pattern, issuer: [pattern.issuer, 'https://old.example'], tenants: ['a'] }],
			'0.issuer: must have {tenant} in every URL or in none',
		],
		[
			[{ ...issuer, claims: { scopes: [{ claim: 'groups', prefix: 'g:', table: { a: 'b' } }] } }],
			'0.claims.scopes.0: must have a table or a prefix',
		],
		[[{ ...issuer, client: { id: 'another' } }], '0.client.id: must be in audience'],
		[
			[{ ...pattern, tenants: ['a'], client: { id: 'leasehold' } }],
			'0.client: needs an issuer without {tenant}: browsers log in at one issuer',
		],
		[[{ ...issuer, claims: { acr: { gold: 4 } } }], '0.claims.acr.gold'],
		[[{ ...issuer, claims: { attributes: { 'No name': 'email' } } }], '0.claims.attributes'],
		[[{ ...issuer, preset: 'cognito', issuer: undefined }], 'such as https://cognito-idp.eu-west-1.amazonaws.com/'],
		[
			[{ ...issuer, preset: 'cognito', issuer: 'https://shop.auth.eu-west-1.amazoncognito.com' }],
			'0.issuer: is the login page of a user pool, and not the iss of its ID tokens: write the iss of its ID tokens, such as https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
		],
		[
			[{ ...issuer, preset: 'entra', issuer: 'https://login.microsoftonline.com/common/v2.0' }],
			'0.issuer: names no tenant, but the iss of its ID tokens does: write the iss of its ID tokens, such as https://login.microsoftonline.com/{tenant}/v2.0',
		],
		[
			[{ ...issuer, preset: 'entra', issuer: `https://login.microsoftonline.com/${tenant}` }],
			'0.issuer: must end with /v2.0',
		],
		[
			[{ ...issuer, preset: 'entra', issuer: undefined }],
			'0.tenants: is missing: list the ids of the tenants that may log in, or write "any"',
		],
		[
			[{ name: 'main', preset: 'entra', tenants: ['contoso.onmicrosoft.com'], audience: 'a' }],
			'0.tenants: must be ids of tenants, such as 3338040d-6c67-4c5b-b112-36a304b66dad, and not names',
		],
		[
			[
				{
					...issuer,
					preset: 'entra',
					issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
					tenants: [tenant.replace('3', '4')],
				},
			],
			'0.tenants: must have the tenant of every issuer: leave issuer out',
		],
		[
			[
				{
					name: 'main',
					preset: 'entra',
					tenants: 'any',
					audience: 'a',
					issuer: 'https://login.microsoftonline.us/{tenant}/v2.0',
				},
			],
			'0.jwksUri: is needed if any tenant may log in',
		],
		[[{ ...issuer, preset: 'google' }], '0.issuer: is not an issuer of Google: write'],
		[
			[{ ...issuer, preset: 'okta', issuer: 'https://example-admin.okta.com' }],
			'0.issuer: is the console for administrators',
		],
		[
			[{ ...issuer, preset: 'okta', issuer: 'https://example.okta.com/oauth2/default/v1/authorize' }],
			'0.issuer: must have the path /oauth2/ and the id of an authorization server, or none',
		],
		[[{ ...issuer, preset: 'auth0', issuer: 'https://example.eu.auth0.com' }], '0.issuer: must end with a slash'],
		[[{ ...issuer, preset: 'okta', issuer: 'https://example.okta.com/' }], '0.issuer: must not end with a slash'],
		[[{ ...issuer, preset: 'keycloak', issuer: 'https://keycloak.example' }], '0.issuer: must end with /realms/'],
	])('%j is refused, and the error names the field and what to write', (value, message) => {
		expect(() => parseIssuers(value, withinAal2)).toThrow(message);
	});

	test.each<[string, object]>([
		['a pattern with listed tenants', { ...pattern, tenants: ['a', 'b.example'] }],
		['a pattern for any tenant with one address of keys', { ...pattern, tenants: 'any', jwksUri }],
		['Okta without a custom authorization server', { ...issuer, preset: 'okta', issuer: 'https://example.okta.com' }],
		[
			'an issuer on the same machine',
			{ ...issuer, issuer: 'http://127.0.0.1:8080', jwksUri: 'http://127.0.0.1:8080/k' },
		],
		['Entra ID for any tenant', { name: 'e', preset: 'entra', tenants: 'any', audience: 'app' }],
		['Google, which has one issuer', { name: 'g', preset: 'google', audience: 'app' }],
	])('%s is accepted', (_, entry) => {
		expect(() => parseIssuers([entry], withinAal2)).not.toThrow();
	});
});

function limited<Entry extends object>(entry: Entry): Entry {
	return { ...entry, maxAssurance: 3, scopes: 'any' };
}

test('every entry in the guide on issuers is accepted', () => {
	const guide = readFileSync(new URL('../../../../docs/issuers.md', import.meta.url), 'utf8');
	const entries = [...guide.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => JSON.parse(text));
	expect(entries.map(({ preset }) => preset)).toEqual(['cognito', 'entra', 'okta', 'auth0', 'google', 'keycloak']);
	for (const entry of entries) expect(() => parseIssuers([entry], withinAal2), entry.preset).not.toThrow();
});

describe('texts that are known only after deployment', () => {
	test('get their places, wherever these are', () => {
		const file = [{ name: 'a', issuer: [{ $value: 1 }, 'https://b.example'], audience: { $value: 0 }, claims: {} }];
		expect(fillPlaces(file, ['client', 'https://pool.example'])).toEqual([
			{ name: 'a', issuer: ['https://pool.example', 'https://b.example'], audience: 'client', claims: {} },
		]);
	});

	test('must all be there', () => {
		expect(() => fillPlaces({ $value: 1 }, ['one'])).toThrow('LEASEHOLD_ISSUER_VALUES has no text number 1');
	});
});
