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

function reservedIn(parameters: Readonly<Record<string, string>>): string | undefined {
	return Object.keys(parameters).find((name) => reserved.has(name));
}

const parametersSchema = v.pipe(
	v.record(v.string(), v.pipe(v.string(), v.maxLength(512))),
	v.maxEntries(20),
	v.check(
		(parameters) => reservedIn(parameters) === undefined,
		({ input }) => `must not have ${reservedIn(input)}, which the API sets`,
	),
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
			// A function may read what is named exactly: with a wildcard, it could read other secrets,
			// and without the end that Secrets Manager adds, none.
			v.regex(
				/^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/,
				'must be the ARN of one secret, such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:client-AbCdEf',
			),
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
