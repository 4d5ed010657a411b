import { loginBodySchema, readBody } from './body.ts';
import type { ApiContext } from './context.ts';
import { type ApiRequest, jsonResponse } from './exchange.ts';
import { limited, type Outcome, problem, unavailable } from './outcome.ts';
import { clearedCookies, cookieTokens, tokenCookies } from './session-cookie.ts';
import { bearerToken } from './session-token.ts';
import { viewOf } from './session-view.ts';

/**
 * `POST /v1/sessions`: begins a session for the subject of the ID token. It replaces the session
 * that the request came with.
 */
export async function login(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const idToken = bearerToken(request);
	if (idToken === undefined) return problem('id_token_missing');
	const read = readBody(request, loginBodySchema);
	if (read.kind === 'refused') return read.outcome;
	const network = networkOf(request.sourceAddress);
	const nowMs = context.settings.clock.now().monotonicMs;
	const waitMs = context.failedLogins.look(network, 1, nowMs);
	if (waitMs > 0) return limited(waitMs);
	const verified = await context.verifyIdToken(idToken);
	if (verified.kind !== 'verified') context.failedLogins.take(network, 1, nowMs);
	if (verified.kind === 'refused') return problem('id_token_refused', { detail: verified.reason });
	if (verified.kind === 'unavailable') return unavailable(verified.reason);
	const loggedIn = await context.server.login(verified.identity, read.body.replaces ?? formerToken(context, request));
	if (loggedIn.kind === 'token-used')
		return problem('id_token_refused', { detail: 'the ID token has logged in before' });
	if (loggedIn.kind === 'quota-exceeded')
		return problem('quota_exceeded', { expected: `at most ${loggedIn.max} sessions per subject` });
	if (loggedIn.kind === 'authentication-too-old')
		return problem('id_token_refused', { detail: 'the authentication is older than a session may become' });
	if (loggedIn.kind === 'limited') return limited(loggedIn.waitMs);
	if (loggedIn.kind === 'unavailable') return unavailable(loggedIn.reason);
	const { cookie } = context.settings;
	const { session, token, replaced } = loggedIn;
	const body = {
		session: viewOf(session, context.settings.clientAttributes, session.createdAtMs),
		...(replaced && { replaced }),
	};
	const fields = { session: session.id, replaced };
	if (read.body.delivery === 'bearer') {
		const response = jsonResponse(201, { ...body, token });
		const isCookieDead = replaced?.ended && read.body.replaces === undefined;
		return { response: isCookieDead ? { ...response, cookies: clearedCookies(cookie, request) } : response, fields };
	}
	const livesMs = session.absoluteExpiresAtMs - session.createdAtMs;
	const maxAgeSeconds = read.body.persistent ? Math.floor(livesMs / 1000) : undefined;
	const cookies = tokenCookies(cookie, request, token, maxAgeSeconds);
	return { response: { ...jsonResponse(201, body), cookies }, fields };
}

/**
 * The token in the session cookie. It needs no proof of the same origin, because no other site can
 * make a browser send the ID token with it.
 */
function formerToken({ settings }: ApiContext, request: ApiRequest): string | undefined {
	const [token, ...others] = cookieTokens(settings.cookie, request);
	return others.length > 0 ? undefined : token;
}

/**
 * The key by which failed logins are counted: an address, or the network of an IPv6 address, since
 * one client has all of the addresses in it.
 */
function networkOf(address = ''): string {
	return address.includes(':') ? address.split(':', 4).join(':') : address;
}
