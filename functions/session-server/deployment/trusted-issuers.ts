import * as v from 'valibot';
import type { ClaimMapping } from './claim-mapping.ts';
import { foundIssue } from './found-issue.ts';
import { type Issuer, issuerSchema } from './issuers.ts';
import { type DeploymentTimeouts, type IssuerTimeouts, issuerTimeouts } from './login-timeouts.ts';
import { entraKeys, type Preset, presets } from './presets.ts';
import { faultOfIssuer } from './timeout-options.ts';

/** A mistake in the list of issuers. */
export class IssuerError extends Error {
	/** The path to the wrong part, such as `0.issuer`. */
	readonly field: string | undefined;
	/** The problem as a predicate: `is missing`. */
	readonly problem: string;

	constructor(field: string | undefined, problem: string) {
		super(`issuers.json${field === undefined ? '' : `, ${field}:`} ${problem}`);
		this.field = field;
		this.problem = problem;
	}
}

/** An issuer with everything filled in that its preset knows. */
export interface TrustedIssuer
	extends Omit<Issuer, 'issuer' | 'audience' | 'authorizedParties' | 'claims' | 'preset' | 'timeouts'> {
	/** Those with `{tenant}` stand for one issuer for each tenant. */
	readonly issuer: readonly string[];
	readonly audience: readonly string[];
	readonly authorizedParties: 'any' | readonly string[];
	readonly claims: ClaimMapping;
	/** Missing if nothing is set within the limits of the level. */
	readonly timeouts?: IssuerTimeouts;
}

/** One for each customer of a large deployment. A longer list makes a start slow. */
const issuersMax = 500;
const tooMany = `must have at most ${issuersMax} entries`;

/** @throws `IssuerError` that names the wrong entry and field, and says what to write instead. */
export function parseIssuers(value: unknown, timeouts: DeploymentTimeouts): readonly TrustedIssuer[] {
	const result = v.safeParse(
		v.pipe(v.array(issuerSchema), v.minLength(1, 'must not be empty'), v.maxLength(issuersMax, tooMany)),
		value,
	);
	if (result.success)
		return withoutTwins(withLimits(result.output).map((entry, index) => trustedIssuer(entry, index, timeouts)));
	const { path, issue } = foundIssue(result.issues[0]);
	throw new IssuerError(path, issue.message);
}

/** Of several issuers, each is trusted with as much as its entry says, and with no more. */
function withLimits(issuers: readonly Issuer[]): readonly Issuer[] {
	if (issuers.length === 1) return issuers;
	for (const [index, issuer] of issuers.entries())
		for (const field of ['maxAssurance', 'scopes'] as const)
			if (issuer[field] === undefined)
				throw new IssuerError(`${index}.${field}`, 'is needed if there are several issuers');
	return issuers;
}

/** If two issuers had the same name, each could vouch for the subjects of the other. */
function withoutTwins(issuers: readonly TrustedIssuer[]): readonly TrustedIssuer[] {
	const name = firstTwin(issuers.map((issuer) => issuer.name));
	if (name !== undefined) throw new IssuerError(undefined, `must have no name twice, but two are named ${name}`);
	const url = firstTwin(issuers.flatMap(({ issuer }) => issuer));
	if (url === undefined) return issuers;
	throw new IssuerError(
		undefined,
		`must have no issuer twice, but ${url} is there twice: write several client ids into the audience of one entry${url.includes(tenantMark) ? ', or one tenant into issuer in place of {tenant}' : ''}`,
	);
}

function firstTwin(texts: readonly string[]): string | undefined {
	const seen = new Set<string>();
	return texts.find((text) => seen.size === seen.add(text).size);
}

/** Where the tenant is in an issuer. */
export const tenantMark = '{tenant}';

/**
 * The entry at `index` of the list, with what its preset knows.
 *
 * @throws `IssuerError` if it cannot work
 */
function trustedIssuer(
	{ preset: name, timeouts: options, ...entry }: Issuer,
	index: number,
	deployment: DeploymentTimeouts,
): TrustedIssuer {
	const preset: Preset | undefined = name && presets[name];
	const fail = (field: string, problem: string): never => {
		throw new IssuerError(`${index}.${field}`, problem);
	};
	const issuer = listOf(entry.issuer) ?? preset?.issuer ?? entraIssuer(name, entry);
	if (issuer === undefined && name === 'entra')
		return fail('tenants', 'is missing: list the ids of the tenants that may log in, or write "any"');
	if (issuer === undefined)
		return fail(
			'issuer',
			`is missing: write the iss of its ID tokens, such as ${preset?.example ?? 'https://issuer.example.com'}`,
		);
	const isPattern = issuer.some((one) => one.includes(tenantMark));
	const claims = { ...preset?.claims, ...entry.claims };
	const jwksUri = entry.jwksUri ?? preset?.jwksUri ?? (name === 'entra' ? entraKeysOf(issuer) : undefined);
	for (const [at, one] of issuer.entries()) {
		const fault = faultOf(one, preset);
		if (fault !== undefined) fail(Array.isArray(entry.issuer) ? `issuer.${at}` : 'issuer', fault);
	}
	const wrongKeys = jwksUri === undefined ? undefined : faultOfKeys(jwksUri, issuer);
	if (wrongKeys !== undefined) fail('jwksUri', wrongKeys);
	if (isPattern && entry.tenants === undefined)
		fail('tenants', 'is missing, but issuer has {tenant}: list the tenants that may log in, or write "any"');
	if (isPattern && issuer.some((one) => !one.includes(tenantMark)))
		fail('issuer', 'must have {tenant} in every URL or in none, because the tenant is part of the subject');
	if (entry.tenants !== undefined && !isPattern && claims.tenant === undefined)
		fail('tenants', 'needs a tenant in ID tokens: write {tenant} into issuer, or name the claim in claims.tenant');
	if (isPattern && entry.tenants === 'any' && jwksUri === undefined)
		fail('jwksUri', 'is needed if any tenant may log in, because keys are not looked for at addresses from tokens');
	if (entry.tenants !== 'any' && entry.tenants?.some((tenant) => !tenantPattern.test(tenant)))
		fail('tenants', 'must be letters, digits, dots, hyphens and underscores, 128 at most');
	if (entry.tenants !== 'any' && entry.tenants !== undefined && preset?.tenant !== undefined) {
		const { tenants } = entry;
		const form = preset.tenant;
		if (tenants.some((tenant) => !form.test(tenant)))
			fail('tenants', 'must be ids of tenants, such as 3338040d-6c67-4c5b-b112-36a304b66dad, and not names');
		if (!isPattern && !issuer.every((one) => tenants.some((tenant) => one.includes(`/${tenant}/`))))
			fail('tenants', 'must have the tenant of every issuer: leave issuer out, so that tenants alone decides');
	}
	for (const [at, source] of (claims.scopes ?? []).entries())
		if (typeof source === 'object' && source.table && (source.strip ?? source.prefix) !== undefined)
			fail(`claims.scopes.${at}`, 'must have a table or a prefix, because a table gives whole scopes');
	const audience = listOf(entry.audience);
	if (entry.client !== undefined && !audience.includes(entry.client.id))
		fail('client.id', 'must be in audience: otherwise the ID tokens of the login would be refused');
	if (entry.client !== undefined && isPattern)
		fail(
			'client',
			'needs an issuer without {tenant}: browsers log in at one issuer, so write an entry for each tenant',
		);
	const parties = entry.authorizedParties ?? preset?.authorizedParties ?? [];
	const authorizedParties = parties === 'any' ? parties : [...audience, ...listOf(parties)];
	const mayLogIn = (client: string) => authorizedParties === 'any' || authorizedParties.includes(client);
	const wrongTimeout = options && faultOfIssuer(options, deployment.limits, mayLogIn);
	if (wrongTimeout !== undefined) fail(`timeouts.${wrongTimeout.field}`, wrongTimeout.problem);
	const timeouts = issuerTimeouts(options, deployment);
	return {
		...entry,
		issuer,
		audience,
		authorizedParties,
		claims,
		...(jwksUri === undefined ? {} : { jwksUri }),
		...(timeouts === undefined ? {} : { timeouts }),
	};
}

/** A tenant has no colon, so that the subject `name:tenant:sub` can be read in one way only. */
export const tenantPattern = /^[A-Za-z0-9._-]{1,128}$/;

function listOf(value: string | readonly string[]): readonly string[];
function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined;
function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
	return typeof value === 'string' ? [value] : value;
}

/** All tenants of Entra ID have an issuer of one form. */
function entraIssuer(name: Issuer['preset'], { tenants }: Pick<Issuer, 'tenants'>): readonly string[] | undefined {
	return name === 'entra' && tenants !== undefined ? [presets.entra.example] : undefined;
}

/** The keys of all tenants, for entries with `{tenant}`. They are those of the public cloud. */
function entraKeysOf(issuer: readonly string[]): string | undefined {
	const isPublic = issuer.every((one) => one.includes(tenantMark) && one.startsWith(new URL(entraKeys).origin));
	return isPublic ? entraKeys : undefined;
}

function faultOfKeys(jwksUri: string, issuer: readonly string[]): string | undefined {
	if (/[{}]/.test(jwksUri)) return 'must be one address for all tenants: leave it out, so that each issuer is asked';
	if (jwksUri.includes('/.well-known/openid-configuration'))
		return 'must be the address of the keys, and not of the configuration: leave it out';
	// Somebody on the way could answer with other keys.
	if (jwksUri.startsWith('http:') && issuer.some((one) => one.startsWith('https:')))
		return 'must be an https URL, because issuer is one';
	return undefined;
}

function faultOf(issuer: string, preset: Preset | undefined): string | undefined {
	const fault = preset?.faultOf?.(issuer);
	if (fault !== undefined) return `${fault}: write the iss of its ID tokens, such as ${preset?.example}`;
	const [, afterHost = ''] = /^[a-z]+:\/\/[^/]*(.*)$/i.exec(issuer) ?? [];
	if (issuer.split(tenantMark).length > 2 || (issuer.includes(tenantMark) && !afterHost.includes(tenantMark)))
		return 'must have {tenant} once, and in the path: hosts of other people would match otherwise';
	if (/\/\.well-known\//.test(issuer))
		return `must be the iss of its ID tokens, without ${issuer.slice(issuer.indexOf('/.well-known/'))}`;
	if (/[{}]/.test(issuer.replace(tenantMark, ''))) return 'must have no braces but {tenant}';
	if (preset?.issuer === undefined && /[?#]/.test(issuer))
		return 'must have neither a query nor a fragment (OpenID Connect Core 1.0, section 2)';
	return undefined;
}
