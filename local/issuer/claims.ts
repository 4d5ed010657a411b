import * as v from 'valibot';

/** The claims of an ID token. Times are in seconds, as in OpenID Connect. */
export const claimsSchema = v.strictObject({
	subject: v.pipe(v.string(), v.minLength(1)),
	/** Scopes, separated by spaces. */
	scope: v.optional(v.string()),
	/** Authentication context class: the assurance level of the login. */
	acr: v.optional(v.string()),
	/** Authentication methods. */
	amr: v.optional(v.array(v.string())),
	/** When the subject last proved their identity. @default now */
	authTime: v.optional(v.pipe(v.number(), v.integer())),
	audience: v.optional(v.string()),
	/** May be negative, for a token that has already expired. @default 3600 */
	expiresInSeconds: v.optional(v.pipe(v.number(), v.integer())),
	/** The value that the client sent with its authorization request. */
	nonce: v.optional(v.string()),
	/** The session at the issuer. */
	sid: v.optional(v.string()),
});

export type Claims = Readonly<v.InferOutput<typeof claimsSchema>>;
