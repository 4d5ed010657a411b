import type { LoggedInAgain } from '../operations/replace-session.ts';
import type { ApiContext } from './context.ts';
import type { ApiRequest } from './exchange.ts';
import { limited, type Outcome, problem, unavailable } from './outcome.ts';
import { cookieTokens } from './session-cookie.ts';

type Begun = Extract<LoggedInAgain, { kind: 'established' }>;

/** The wishes of a login, besides the proof of an identity. */
export interface Wanted {
	/** The token of the session that the new one replaces. */
	readonly formerToken: string | undefined;
	/** Whether the cookie outlives the browser. */
	readonly persistent: boolean;
}

/**
 * Begins a session for the subject of the ID token. Returns it, or the answer that says why there
 * is none.
 */
export async function beginSession(
	context: ApiContext,
	request: Pick<ApiRequest, 'sourceAddress'>,
	idToken: string,
	{ formerToken, persistent }: Wanted,
): Promise<Begun | { readonly kind: 'answered'; readonly outcome: Outcome }> {
	const network = networkOf(request.sourceAddress);
	const nowMs = context.settings.clock.now().monotonicMs;
	const waitMs = context.failedLogins.look(network, 1, nowMs);
	if (waitMs > 0) return answered(limited(waitMs));
	const verified = await context.verifyIdToken(idToken);
	if (verified.kind !== 'verified') context.failedLogins.take(network, 1, nowMs);
	if (verified.kind === 'refused') return answered(problem('id_token_refused', { detail: verified.reason }));
	if (verified.kind === 'unavailable') return answered(unavailable(verified.reason));
	const timeouts = verified.timeouts?.[persistent ? 'persistent' : 'usual'];
	const identity = { ...verified.identity, ...(timeouts && { timeouts }) };
	const loggedIn = await context.server.login(identity, formerToken);
	switch (loggedIn.kind) {
		case 'established':
			return loggedIn;
		case 'token-used':
			return answered(problem('id_token_refused', { detail: 'the ID token has logged in before' }));
		case 'quota-exceeded':
			return answered(problem('quota_exceeded', { expected: `at most ${loggedIn.max} sessions per subject` }));
		case 'authentication-too-old':
			return answered(problem('id_token_refused', { detail: 'the authentication is older than a session may become' }));
		case 'limited':
			return answered(limited(loggedIn.waitMs));
		case 'unavailable':
			return answered(unavailable(loggedIn.reason));
	}
}

function answered(outcome: Outcome): { readonly kind: 'answered'; readonly outcome: Outcome } {
	return { kind: 'answered', outcome };
}

/**
 * The token in the session cookie. It needs no proof of the same origin, because no other site can
 * make a browser send the ID token with it.
 */
export function formerCookie({ settings }: ApiContext, request: Pick<ApiRequest, 'cookies'>): string | undefined {
	const [token, ...others] = cookieTokens(settings.cookie, request);
	return others.length > 0 ? undefined : token;
}

/**
 * The key by which logins of a source address are counted: the address, or the network of an IPv6
 * address, since one client has all of the addresses in it.
 */
export function networkOf(address = ''): string {
	if (!address.includes(':')) return address;
	// RFC 4291 section 2.2: `::` stands for groups of zeros.
	const [start = '', end] = address.split('::').map((part) => part.split(':'));
	const zeros = end === undefined ? [] : Array<string>(Math.max(0, 8 - start.length - end.length)).fill('0');
	return [...start, ...zeros, ...(end ?? [])].slice(0, 4).join(':');
}
