import * as v from 'valibot';
import { attributeNamePattern, attributesMax, scopeLengthMax } from '../../session/session-schema.ts';

/*
 * How the claims of an ID token become an identity. A claim is named by its exact name, because
 * names may have dots and slashes (`https://example.com/roles`). A claim inside of another one is
 * named by a list: `["realm_access", "roles"]`.
 */

const claimName = v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(255));
const claimPath = v.pipe(
	v.union([claimName, v.pipe(v.array(claimName), v.minLength(1, 'must not be empty'), v.maxLength(8))]),
	v.readonly(),
);

export type ClaimPath = v.InferOutput<typeof claimPath>;

/** Values of a claim that mean something. A group of an issuer may well have 64 letters. */
const claimValue = v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(512));

/** A scope (RFC 6749 section 3.3). */
export const scopePattern = new RegExp(`^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,${scopeLengthMax}}$`);

/** A scope that the deployment writes. Another text would be left out of every session. */
export const scopeSchema = v.pipe(
	v.string(),
	v.regex(
		scopePattern,
		`must be a scope: 1 to ${scopeLengthMax} printable ASCII characters without spaces, quotes and backslashes`,
	),
);

const level = v.picklist([1, 2, 3]);

const levels = v.record(claimValue, level);

const methods = v.pipe(
	claimValue,
	v.regex(/^[^+\s]+(\+[^+\s]+)*$/, 'must be methods with + between them, such as hwk+pin'),
);

const attributeName = v.pipe(
	v.string(),
	v.regex(
		attributeNamePattern,
		'must be named with 1 to 64 letters, digits, dots, hyphens and underscores, and start with a lowercase letter',
	),
);

/** The assurance level for each value of `acr` or `amr`. `a+b` stands for both methods together. */
export type Levels = Readonly<v.InferOutput<typeof levels>>;

/**
 * Scopes from one claim, which is a text with spaces between its values, or a list of texts. A
 * value that cannot be a scope is left out (RFC 6749, section 3.3).
 */
const scopeSource = v.union(
	[
		claimName,
		v.strictObject({
			claim: claimPath,
			/** Only values that start with this count, and the scope is the rest of the value. */
			strip: v.optional(claimValue),
			/** Comes before each value. */
			prefix: v.optional(scopeSchema),
			/** The scopes of each value. Other values give none. */
			table: v.optional(v.record(claimValue, v.pipe(v.union([scopeSchema, v.array(scopeSchema)]), v.readonly()))),
		}),
	],
	'must be the name of a claim or an object, such as { "claim": ["realm_access", "roles"] } for a path',
);

export type ScopeSource = v.InferOutput<typeof scopeSource>;

/** More sources or table entries than this in one mapping are a mistake. */
const scopeSourcesMax = 16;

export const claimMappingSchema = v.strictObject({
	/** The claim that names the subject. It must never be given to somebody else. @default 'sub' */
	subject: v.optional(claimPath),
	/**
	 * The claim that names the tenant. The tenant is then part of the subject: `name:tenant:sub`.
	 *
	 * @default the tenant in `iss`, if `issuer` has `{tenant}`
	 */
	tenant: v.optional(claimPath),
	/** The claims that give scopes. @default ['scope'] */
	scopes: v.optional(v.pipe(v.array(scopeSource), v.maxLength(scopeSourcesMax), v.readonly())),
	/** The claim to look up in `acr`. @default 'acr' */
	acrClaim: v.optional(claimPath),
	/** @default the level that the value ends with: `aal1`, `aal2`, `aal3` */
	acr: v.optional(levels),
	/** Counts if `acr` says nothing. @default 2 for `mfa`, and for a key that a person unlocked */
	amr: v.optional(v.record(methods, level)),
	/** The attributes that a session begins with, and their claims. */
	attributes: v.optional(v.pipe(v.record(attributeName, claimPath), v.maxEntries(attributesMax))),
});

export type ClaimMapping = Readonly<v.InferOutput<typeof claimMappingSchema>>;
