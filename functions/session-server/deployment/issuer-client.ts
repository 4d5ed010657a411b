import * as v from 'valibot';

/** Parameters that the login itself sets. Another value would break it, or weaken it. */
const reserved: ReadonlySet<string> = new Set([
	'acr_values',
	'client_id',
	'client_secret',
	'code_challenge',
	'code_challenge_method',
	'max_age',
	'nonce',
	'post_logout_redirect_uri',
	'prompt',
	'redirect_uri',
	'request',
	'request_uri',
	'response_mode',
	'response_type',
	'scope',
	'state',
]);

const parametersSchema = v.pipe(
	v.record(v.string(), v.pipe(v.string(), v.maxLength(512))),
	v.maxEntries(20),
	v.check((parameters) => !Object.keys(parameters).some((name) => reserved.has(name)), 'must not set what logins set'),
	v.readonly(),
);

/** How the API logs users in at an issuer, as a client that is registered there. */
export const issuerClientSchema = v.strictObject({
	/** The client id that the issuer gave. It is the `aud` claim of the ID tokens. */
	id: v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(256)),
	/**
	 * ARN of the secret in Secrets Manager with the client secret: the secret itself, or JSON with
	 * `clientSecret`. @default a public client, which only PKCE protects
	 */
	secretArn: v.optional(
		v.pipe(
			v.string(),
			v.regex(/^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/, 'must be the ARN of a secret'),
		),
	),
	/** The scopes to ask for, separated by spaces. @default 'openid' */
	scope: v.optional(
		v.pipe(
			v.string(),
			v.maxLength(512),
			v.check((scope) => scope.split(' ').includes('openid'), 'must include openid, or there is no ID token'),
		),
	),
	/** More parameters of the authorization request, such as `audience`. @default none */
	authorizationParameters: v.optional(parametersSchema),
	/** More parameters of the logout request, such as `logout_uri` of Cognito. @default none */
	logoutParameters: v.optional(parametersSchema),
	/**
	 * The URL to which the issuer returns after a logout, as it is registered there.
	 * @default the `return_to` of the logout
	 */
	logoutReturnTo: v.optional(v.pipe(v.string(), v.url())),
});

export type IssuerClient = Readonly<v.InferOutput<typeof issuerClientSchema>>;
