import type { Keyring } from '../../../access/keyring.ts';
import { tokenKeysUnavailable } from '../../identity/token-keys.ts';
import { beginSession, formerCookie, networkOf } from '../begin-session.ts';
import type { ApiContext } from '../context.ts';
import { type ApiRequest, emptyResponse } from '../exchange.ts';
import { limited, malformed, type Outcome, problem, unavailable } from '../outcome.ts';
import { keptFor } from '../persistent-cookie.ts';
import { tokenCookies } from '../session-cookie.ts';
import { callbackPath } from './begin-login.ts';
import { issuerOutcome } from './issuer-outcome.ts';
import { clearedLoginCookie, loginCookieName, loginCookieValues } from './login-cookies.ts';
import type { LoginIssuer } from './login-issuer.ts';
import { asPage } from './page.ts';
import { publicUrlOf } from './public-url.ts';
import { open, type PendingLogin } from './sealed-login.ts';

const heading = 'The login did not succeed';

/**
 * `GET /v1/login/callback`: the issuer sends the browser here. Without the cookie of the login, no
 * session begins, so nobody can log somebody else's browser in (RFC 9700 section 4.7).
 */
export async function finishLogin(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const { browser, settings, failedLogins } = context;
	const network = networkOf(request.sourceAddress);
	const now = settings.clock.now();
	const waitMs = failedLogins.look(network, 1, now.monotonicMs);
	if (waitMs > 0) return asPage(request, limited(waitMs), heading);
	const keyring = await browser.tokenKeys.forSigning();
	if (keyring === 'unavailable') return asPage(request, unavailable(tokenKeysUnavailable), heading);
	const found = findPending(context, request, keyring, now.wallMs);
	if (found === undefined) {
		failedLogins.take(network, 1, now.monotonicMs);
		return asPage(request, problem('login_state_invalid'), heading, onlyIssuerAgain(context));
	}
	const { name, pending, issuer } = found;
	const outcome = await finish(context, request, pending, issuer);
	// The code is used, whatever came of it.
	const { response } = outcome;
	const cookies = [...(response.cookies ?? []), clearedLoginCookie(name)];
	return asPage(request, { ...outcome, response: { ...response, cookies } }, heading, linkAgain(pending));
}

interface Found {
	/** The name of its cookie. */
	readonly name: string;
	readonly pending: PendingLogin;
	readonly issuer: { get(): Promise<LoginIssuer> };
}

/** The login that this browser began with the state in the request. */
function findPending({ browser }: ApiContext, request: ApiRequest, keyring: Keyring, nowMs: number): Found | undefined {
	const [state, ...others] = request.query.getAll('state');
	if (state === undefined || others.length > 0) return undefined;
	const name = loginCookieName(state);
	const [sealed, ...further] = loginCookieValues(request, name);
	if (sealed === undefined || further.length > 0) return undefined;
	const pending = open(keyring, name, sealed, nowMs);
	const issuer = pending && browser.issuers.find(pending.issuer);
	if (pending?.state !== state || issuer?.url !== pending.issuerUrl) return undefined;
	return { name, pending, issuer };
}

async function finish(
	context: ApiContext,
	request: ApiRequest,
	pending: PendingLogin,
	issuer: Found['issuer'],
): Promise<Outcome> {
	const own = publicUrlOf(request, context.browser.publicUrl);
	if (own === undefined) return malformed('host', 'a host name');
	const callback = new URL(own + callbackPath);
	callback.search = request.query.toString();
	const finished = await (await issuer.get()).finish(callback, pending);
	if (finished.kind !== 'finished') {
		if (finished.kind !== 'unavailable')
			context.failedLogins.take(networkOf(request.sourceAddress), 1, context.settings.clock.now().monotonicMs);
		return issuerOutcome(finished, pending.issuer);
	}
	const former = formerCookie(context, request);
	const { persistent = false } = pending;
	const begun = await beginSession(context, request, finished.idToken, { formerToken: former, persistent });
	if (begun.kind === 'answered') return begun.outcome;
	const { session, token, carried, replaced } = begun;
	// Its cookie is overwritten. So the session of another subject would live on, and nobody could
	// use it or end it.
	if (former !== undefined && replaced === undefined) await context.server.logout(former);
	const { cookie } = context.settings;
	const kept = persistent ? keptFor(cookie, session, session.createdAtMs) : undefined;
	const cookies = tokenCookies(cookie, request, token, { carried, kept });
	const response = { ...emptyResponse(303, { location: pending.returnTo }), cookies };
	return { response, fields: { session: session.id, replaced, issuer: pending.issuer } };
}

/** All that it has was checked when the login began. */
function linkAgain({ issuer, returnTo, maxAgeSeconds, acrValues, persistent }: PendingLogin): string {
	const query = new URLSearchParams({ issuer, return_to: returnTo });
	if (maxAgeSeconds !== undefined) query.set('max_age', String(maxAgeSeconds));
	if (acrValues !== undefined) query.set('acr_values', acrValues);
	if (persistent !== undefined) query.set('persistent', String(persistent));
	return `../login?${query}`;
}

/** With several issuers, nobody knows which one the user wants. */
function onlyIssuerAgain({ browser }: ApiContext): string | undefined {
	return browser.issuers.find() === undefined ? undefined : '../login';
}
