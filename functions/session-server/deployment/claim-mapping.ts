import * as v from 'valibot';
import { attributeNameSchema, attributesMax } from '../../session/session-schema.ts';

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
const claimValue = v.pipe(v.string(), v.minLength(1), v.maxLength(512));

const levels = v.record(claimValue, v.picklist([1, 2, 3]));

/** The assurance level for each value of `acr` or `amr`. `a+b` stands for both methods together. */
export type Levels = Readonly<v.InferOutput<typeof levels>>;

/**
 * Scopes from one claim, which is a text with spaces between its values, or a list of texts. A
 * value that cannot be a scope is left out (RFC 6749, section 3.3).
 */
const scopeSource = v.union([
	claimName,
	v.strictObject({
		claim: claimPath,
		/** Only values that start with this count, and the scope is the rest of the value. */
		strip: v.optional(claimValue),
		/** Comes before each value. */
		prefix: v.optional(claimValue),
		/** The scopes of each value. Other values give none. */
		table: v.optional(v.record(claimValue, v.union([claimValue, v.pipe(v.array(claimValue), v.readonly())]))),
	}),
]);

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
	amr: v.optional(levels),
	/** The attributes that a session begins with, and their claims. */
	attributes: v.optional(v.pipe(v.record(attributeNameSchema, claimPath), v.maxEntries(attributesMax))),
});

export type ClaimMapping = Readonly<v.InferOutput<typeof claimMappingSchema>>;
