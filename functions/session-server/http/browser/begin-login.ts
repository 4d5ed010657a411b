import { tokenKeysUnavailable } from '../../identity/token-keys.ts';
import { networkOf } from '../begin-session.ts';
import type { ApiContext } from '../context.ts';
import { type ApiRequest, emptyResponse } from '../exchange.ts';
import { limited, malformed, type Outcome, problem, unavailable } from '../outcome.ts';
import { issuerOutcome } from './issuer-outcome.ts';
import { clearedLoginCookie, loginCookie, loginCookieName, surplusLoginCookies } from './login-cookies.ts';
import { asPage } from './page.ts';
import { publicUrlOf } from './public-url.ts';
import { readReturnTo } from './return-to.ts';
import { type PendingLogin, seal } from './sealed-login.ts';

export const callbackPath = '/v1/login/callback';

/**
 * `GET /v1/login`: sends the browser to the issuer, and remembers the login in a sealed cookie. It
 * changes nothing else, so it needs no proof of its origin.
 */
export async function beginLogin(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	// A prefetched answer would only push the cookies of other logins out.
	if (/\bprefetch\b/.test(request.headers['sec-purpose'] ?? '')) return problem('prefetch_refused');
	const begun = await begin(context, request);
	return asPage(request, begun, 'The login could not begin');
}

async function begin({ browser, settings }: ApiContext, request: ApiRequest): Promise<Outcome> {
	const waitMs = browser.starts.take(networkOf(request.sourceAddress), 1, settings.clock.now().monotonicMs);
	if (waitMs > 0) return limited(waitMs);
	const asked = readParameters(request);
	if ('response' in asked) return asked;
	const issuer = browser.issuers.find(asked.issuer);
	if (issuer === undefined) return problem('issuer_unknown');
	const own = publicUrlOf(request, browser.publicUrl);
	if (own === undefined) return malformed('host', 'a host name');
	const returnTo = readReturnTo(asked.returnTo, own, settings.origins);
	if (returnTo === undefined) return problem('return_to_refused');
	const keyring = await browser.tokenKeys.forSigning();
	if (keyring === 'unavailable') return unavailable(tokenKeysUnavailable);
	const nowMs = settings.clock.now().wallMs;
	const pending: PendingLogin = {
		state: unguessable(),
		nonce: unguessable(),
		codeVerifier: unguessable(),
		issuer: issuer.name,
		issuerUrl: issuer.url,
		returnTo,
		begunAtMs: nowMs,
		...(asked.maxAgeSeconds === undefined ? {} : { maxAgeSeconds: asked.maxAgeSeconds }),
		...(asked.acrValues === undefined ? {} : { acrValues: asked.acrValues }),
		// A release that does not know the field refuses it, so it is there only if it says something.
		...(asked.persistent ? { persistent: true } : {}),
	};
	const redirectUri = own + callbackPath;
	const begun = await (await issuer.get()).begin({ pending, redirectUri, prompt: asked.prompt });
	if (begun.kind !== 'begun') return issuerOutcome(begun, issuer.name);
	const name = loginCookieName(pending.state);
	const cookies = [
		...surplusLoginCookies(request, keyring, nowMs).map(clearedLoginCookie),
		loginCookie(name, seal(keyring, name, pending, browser.randomBytes)),
	];
	const response = { ...emptyResponse(303, { location: begun.url.href }), cookies };
	return { response, fields: { issuer: issuer.name } };

	/** 256 random bits, in the 43 characters that RFC 7636 section 4.1 asks of a code verifier. */
	function unguessable(): string {
		return Buffer.from(browser.randomBytes(32)).toString('base64url');
	}
}

interface Asked {
	readonly issuer: string | undefined;
	readonly returnTo: string;
	readonly acrValues: string | undefined;
	readonly maxAgeSeconds: number | undefined;
	readonly prompt: string | undefined;
	readonly persistent: boolean;
}

/** Parameters of a login, each at most once, with their valid values (OpenID Connect Core 1.0). */
export const loginParameters = {
	issuer: { pattern: /^[a-z0-9-]{1,63}$/, expected: 'the name of an issuer' },
	return_to: { pattern: /^/, expected: 'one path or URL' },
	acr_values: {
		pattern: /^[\x21\x23-\x5b\x5d-\x7e ]{1,256}$/,
		expected: 'authentication contexts, separated by spaces',
	},
	max_age: { pattern: /^\d{1,8}$/, expected: 'a number of seconds' },
	prompt: { pattern: /^(none|login|consent|select_account)$/, expected: 'none, login, consent or select_account' },
	persistent: { pattern: /^(true|false)$/, expected: 'true or false' },
} as const;

function readParameters({ query }: ApiRequest): Asked | Outcome {
	for (const [name, { pattern, expected }] of Object.entries(loginParameters)) {
		const [value, ...others] = query.getAll(name);
		if (others.length > 0 || (value !== undefined && !pattern.test(value))) return malformed(name, expected);
	}
	const maxAge = query.get('max_age');
	return {
		issuer: query.get('issuer') ?? undefined,
		returnTo: query.get('return_to') ?? '/',
		acrValues: query.get('acr_values') ?? undefined,
		maxAgeSeconds: maxAge === null ? undefined : Number(maxAge),
		prompt: query.get('prompt') ?? undefined,
		persistent: query.get('persistent') === 'true',
	};
}
