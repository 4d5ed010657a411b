import * as v from 'valibot';
import { scopesMax } from '../../session/session-schema.ts';
import { claimMappingSchema, scopeSchema } from './claim-mapping.ts';
import { issuerClientSchema } from './issuer-client.ts';
import { presetNames } from './presets.ts';
import { issuerTimeoutsSchema } from './timeout-options.ts';

/** One value, or several. */
const oneOrMore = (schema: v.GenericSchema<string, string>, max: number) =>
	// Made readonly at the end: a list with a wrong item would not count as a list before.
	v.pipe(
		v.union([schema, v.pipe(v.array(schema), v.minLength(1, 'must not be empty'), v.maxLength(max))]),
		v.readonly(),
	);

/** Issuers without TLS are for development. `{tenant}` may be anywhere here. */
const webAddress = v.pipe(
	v.string(),
	v.check(
		(text) => /^https?:\/\/[^\s/?#\\@]+(?:[/?#]\S*)?$/.test(text) && URL.canParse(text),
		'must be an https URL, such as https://issuer.example.com, without a user name',
	),
);

const nonEmpty = v.pipe(v.string(), v.minLength(1, 'must not be empty'));

/** An issuer moves a few times in its life. Each app of a user pool is an audience. */
const urlsMax = 16;
const audiencesMax = 100;
const tenantsMax = 1_000;

/** An OIDC issuer whose ID tokens log in. */
export const issuerSchema = v.strictObject({
	/** The prefix of the subjects for which this issuer vouches: `name:sub`. */
	name: v.pipe(
		v.string(),
		v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lowercase letters, digits and hyphens'),
	),
	/** Fills in what is known about the ID tokens of a provider. */
	preset: v.optional(v.picklist(presetNames)),
	/**
	 * The exact `iss` claim of its ID tokens. Several if the issuer moved: a subject is the same at
	 * all of them. `{tenant}` in the path stands for one of `tenants`.
	 */
	issuer: v.optional(oneOrMore(webAddress, urlsMax)),
	/** The tenants that may log in, or `any`. */
	tenants: v.optional(
		v.pipe(
			v.union([
				v.literal('any'),
				v.pipe(v.array(nonEmpty), v.minLength(1, 'must not be empty'), v.maxLength(tenantsMax)),
			]),
			v.readonly(),
		),
	),
	/** The client ids of your apps, one of which `aud` must name. */
	audience: oneOrMore(nonEmpty, audiencesMax),
	/** The clients that `azp` may name, besides those in `audience`, or `any`. @default none */
	authorizedParties: v.optional(oneOrMore(nonEmpty, audiencesMax)),
	/**
	 * The URL of the keys that the issuer publishes (RFC 7517).
	 * @default what the issuer's own configuration says (OpenID Connect Discovery 1.0)
	 */
	jwksUri: v.optional(webAddress),
	/** How its claims become an identity. */
	claims: v.optional(claimMappingSchema),
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
	/** How long the sessions of its logins last. @default as the deployment says */
	timeouts: v.optional(issuerTimeoutsSchema),
	/** The highest assurance level that the issuer can give. @default 3, if it is the only issuer */
	maxAssurance: v.optional(v.picklist([1, 2, 3])),
	/**
	 * The scopes that the issuer can give, or `any`. Sessions do not get others.
	 * @default 'any', if it is the only issuer
	 */
	scopes: v.optional(
		v.pipe(v.union([v.literal('any'), v.pipe(v.array(scopeSchema), v.maxLength(scopesMax))]), v.readonly()),
	),
});

/** A login follows the making of its ID token at once, and servers keep time to some seconds. */
export const issuerDefaults = { maxTokenAgeSeconds: 600, clockToleranceSeconds: 60 } as const;

/** An issuer as its deployment describes it. */
export type Issuer = Readonly<v.InferOutput<typeof issuerSchema>>;
