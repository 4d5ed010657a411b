import * as v from 'valibot';
import { VariableError } from '../../system/environment.ts';

/** An OIDC issuer whose ID tokens log in. */
export const issuerSchema = v.strictObject({
	/** Comes before the subjects that this issuer vouches for: `name:sub`. */
	name: v.pipe(
		v.string(),
		v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lowercase letters, digits and hyphens'),
	),
	/** The `iss` claim, to the letter. */
	issuer: v.pipe(v.string(), v.url()),
	/** The `aud` claim that the token must have. */
	audience: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
	/** Where the issuer publishes its keys (RFC 7517). */
	jwksUri: v.pipe(v.string(), v.url()),
});

export type Issuer = Readonly<v.InferOutput<typeof issuerSchema>>;

/** A user pool for each audience is common; a hundred issuers in one function is a mistake. */
const issuersMax = 20;

/** @throws naming the entry and field that is wrong. */
export function parseIssuers(value: unknown): readonly Issuer[] {
	const result = v.safeParse(
		v.pipe(v.array(issuerSchema), v.minLength(1, 'must not be empty'), v.maxLength(issuersMax)),
		value,
	);
	if (result.success) return withoutTwins(result.output);
	const [issue] = result.issues;
	throw new VariableError('LEASEHOLD_ISSUERS', issue.message, v.getDotPath(issue) ?? undefined);
}

/** Two issuers of one name would vouch for each other's subjects. */
function withoutTwins(issuers: readonly Issuer[]): readonly Issuer[] {
	const names = new Set(issuers.map(({ name }) => name));
	const claims = new Set(issuers.map(({ issuer }) => issuer));
	if (names.size === issuers.length && claims.size === issuers.length) return issuers;
	throw new VariableError('LEASEHOLD_ISSUERS', 'must have no name and no issuer twice');
}
