import * as v from 'valibot';
import { scopeLengthMax, scopesMax } from '../../session/session-schema.ts';
import { VariableError } from '../../system/environment.ts';
import { checkClients, issuerClientSchema } from './issuer-client.ts';

/** An OIDC issuer whose ID tokens log in. */
export const issuerSchema = v.strictObject({
	/** The prefix of the subjects for which this issuer vouches: `name:sub`. */
	name: v.pipe(
		v.string(),
		v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lowercase letters, digits and hyphens'),
	),
	/** The exact `iss` claim of its ID tokens. */
	issuer: v.pipe(v.string(), v.url()),
	/** The `aud` claim that its ID tokens must have. */
	audience: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
	/** The URL of the keys that the issuer publishes (RFC 7517). */
	jwksUri: v.pipe(v.string(), v.url()),
	/** The age at which an ID token logs in no more. @default 600 */
	maxTokenAgeSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400))),
	/** How far the issuer's clock may be off. It is not one of the fleet's clocks. @default 60 */
	clockToleranceSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(300))),
	/**
	 * Whether the subject proves their identity for every ID token. Then `iat` is the time of the
	 * authentication if `auth_time` is missing. @default false
	 */
	alwaysAuthenticates: v.optional(v.boolean()),
	/** Whether an ID token logs in more than once. For tests. @default false */
	reusableTokens: v.optional(v.boolean()),
	/** The API's own client at the issuer, for logins in a browser. @default none */
	client: v.optional(issuerClientSchema),
	/** The highest assurance level that the issuer can give. @default 3, if it is the only issuer */
	maxAssurance: v.optional(v.picklist([1, 2, 3])),
	/**
	 * The scopes that the issuer can give, or `any`. Sessions do not get others.
	 * @default 'any', if it is the only issuer
	 */
	scopes: v.optional(
		v.union([
			v.literal('any'),
			v.pipe(v.array(v.pipe(v.string(), v.maxLength(scopeLengthMax))), v.maxLength(scopesMax), v.readonly()),
		]),
	),
});

/** A login follows the making of its ID token at once, and servers keep time to some seconds. */
export const issuerDefaults = { maxTokenAgeSeconds: 600, clockToleranceSeconds: 60 } as const;

export type Issuer = Readonly<v.InferOutput<typeof issuerSchema>>;

/** Deployments often have one issuer for each audience. A longer list is a mistake. */
const issuersMax = 20;

/** @throws `VariableError` that names the wrong entry and field. */
export function parseIssuers(value: unknown): readonly Issuer[] {
	const result = v.safeParse(
		v.pipe(v.array(issuerSchema), v.minLength(1, 'must not be empty'), v.maxLength(issuersMax)),
		value,
	);
	if (result.success) {
		checkClients(result.output);
		return withLimits(withoutTwins(result.output));
	}
	const [issue] = result.issues;
	throw new VariableError('LEASEHOLD_ISSUERS', issue.message, v.getDotPath(issue) ?? undefined);
}

/** Of several issuers, each is trusted with as much as its entry says, and with no more. */
function withLimits(issuers: readonly Issuer[]): readonly Issuer[] {
	if (issuers.length === 1) return issuers;
	for (const [index, issuer] of issuers.entries())
		for (const field of ['maxAssurance', 'scopes'] as const)
			if (issuer[field] === undefined)
				throw new VariableError('LEASEHOLD_ISSUERS', 'is needed if there are several issuers', `${index}.${field}`);
	return issuers;
}

/** If two issuers had the same name, each could vouch for the subjects of the other. */
function withoutTwins(issuers: readonly Issuer[]): readonly Issuer[] {
	const names = new Set(issuers.map(({ name }) => name));
	const claims = new Set(issuers.map(({ issuer }) => issuer));
	if (names.size === issuers.length && claims.size === issuers.length) return issuers;
	throw new VariableError('LEASEHOLD_ISSUERS', 'must have no name and no issuer twice');
}
