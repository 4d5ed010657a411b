import { type IssuerClient, mayReturnTo } from './clients.ts';

/** A checked authorization request (OpenID Connect Core 1.0, section 3.1.2.1). */
export interface AuthorizationRequest {
	readonly client: IssuerClient;
	readonly redirectUri: string;
	readonly state: string | undefined;
	readonly nonce: string | undefined;
	/** The SHA-256 hash of the code verifier, as base64url (RFC 7636). */
	readonly codeChallenge: string;
	readonly prompt: Prompt;
	readonly maxAgeSeconds: number | undefined;
	/** Whether the first level that `acr_values` names is 2 or higher. */
	readonly wantsSecondFactor: boolean;
	readonly loginHint: string | undefined;
}

/** `ask`: log in, whatever session there is. `none`: show no page. */
export type Prompt = 'ask' | 'none' | 'if-needed';

export type AuthorizationRead =
	| { readonly kind: 'request'; readonly request: AuthorizationRequest }
	/**
	 * Nobody is known to send the browser back to. With a redirect, the issuer would send users
	 * wherever a link says.
	 */
	| { readonly kind: 'no-return'; readonly problem: string }
	| ({ readonly kind: 'error' } & AuthorizationError);

/** An error for the client (RFC 6749 section 4.1.2.1). */
export interface AuthorizationError {
	readonly redirectUri: string;
	readonly state: string | undefined;
	readonly error: string;
	readonly description: string;
}

/** Checks the parameters of an authorization request. */
export function readAuthorizationRequest(
	parameters: URLSearchParams,
	clients: readonly IssuerClient[],
): AuthorizationRead {
	const one = (name: string) => parameters.get(name) ?? undefined;
	const repeated = [...parameters.keys()].find((name) => parameters.getAll(name).length > 1);
	if (repeated !== undefined) return noReturn(`The parameter ${repeated} is there more than once.`);
	const client = clients.find(({ id }) => id === one('client_id'));
	if (client === undefined) return noReturn('No client has this client_id.');
	const redirectUri = one('redirect_uri');
	if (redirectUri === undefined || !mayReturnTo(client, redirectUri))
		return noReturn('The redirect_uri is none that is registered for this client.');
	const state = one('state');
	const refuse = (error: string, description: string): AuthorizationRead => ({
		kind: 'error',
		redirectUri,
		state,
		error,
		description,
	});
	const codeChallenge = one('code_challenge');
	const prompts = new Set(one('prompt')?.split(' ') ?? []);
	const maxAge = one('max_age');
	if (one('request') !== undefined) return refuse('request_not_supported', 'request objects are not supported');
	if (one('response_type') !== 'code') return refuse('unsupported_response_type', 'response_type must be code');
	if ((one('response_mode') ?? 'query') !== 'query') return refuse('invalid_request', 'response_mode must be query');
	if (!one('scope')?.split(' ').includes('openid')) return refuse('invalid_scope', 'scope must include openid');
	if (codeChallenge === undefined || !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge))
		return refuse('invalid_request', 'code_challenge must be a SHA-256 hash as base64url (PKCE)');
	if (one('code_challenge_method') !== 'S256')
		return refuse('invalid_request', 'code_challenge_method must be S256 (PKCE)');
	if (prompts.has('none') && prompts.size > 1) return refuse('invalid_request', 'prompt=none allows no other value');
	if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge))
		return refuse('invalid_request', 'max_age must be a number of seconds');
	return {
		kind: 'request',
		request: {
			client,
			redirectUri,
			state,
			nonce: one('nonce'),
			codeChallenge,
			prompt: prompts.has('none')
				? 'none'
				: prompts.has('login') || prompts.has('select_account')
					? 'ask'
					: 'if-needed',
			maxAgeSeconds: maxAge === undefined ? undefined : Number(maxAge),
			wantsSecondFactor: levelWanted(one('acr_values')) >= 2,
			loginHint: one('login_hint'),
		},
	};
}

function noReturn(problem: string): AuthorizationRead {
	return { kind: 'no-return', problem };
}

/** The values are in the order of the client's preference. */
function levelWanted(acrValues = ''): number {
	const levels = acrValues.split(' ').map((value) => /(?:^|[:/])aal([123])$/i.exec(value)?.[1]);
	return Number(levels.find((level) => level !== undefined) ?? 1);
}
