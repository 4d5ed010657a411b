import * as v from 'valibot';
import { VariableError } from '../../system/environment.ts';

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
});

export type Issuer = Readonly<v.InferOutput<typeof issuerSchema>>;

/** Deployments often have one issuer for each audience. A longer list is a mistake. */
const issuersMax = 20;

/** @throws `VariableError` that names the wrong entry and field. */
export function parseIssuers(value: unknown): readonly Issuer[] {
	const result = v.safeParse(
		v.pipe(v.array(issuerSchema), v.minLength(1, 'must not be empty'), v.maxLength(issuersMax)),
		value,
	);
	if (result.success) return withoutTwins(result.output);
	const [issue] = result.issues;
	throw new VariableError('LEASEHOLD_ISSUERS', issue.message, v.getDotPath(issue) ?? undefined);
}

/** If two issuers had the same name, each could vouch for the subjects of the other. */
function withoutTwins(issuers: readonly Issuer[]): readonly Issuer[] {
	const names = new Set(issuers.map(({ name }) => name));
	const claims = new Set(issuers.map(({ issuer }) => issuer));
	if (names.size === issuers.length && claims.size === issuers.length) return issuers;
	throw new VariableError('LEASEHOLD_ISSUERS', 'must have no name and no issuer twice');
}
