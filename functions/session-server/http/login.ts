import { beginSession, formerCookie } from './begin-session.ts';
import { loginBodySchema, readBody } from './body.ts';
import type { ApiContext } from './context.ts';
import { type ApiRequest, jsonResponse } from './exchange.ts';
import { type Outcome, problem } from './outcome.ts';
import { keptFor } from './persistent-cookie.ts';
import { clearedCookies, tokenCookies } from './session-cookie.ts';
import { bearerToken, withCopy } from './session-token.ts';
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
	const asBearer = read.body.delivery === 'bearer';
	const persistent = read.body.persistent && !asBearer;
	const formerToken = read.body.replaces ?? formerCookie(context, request);
	const begun = await beginSession(context, request, idToken, { formerToken, persistent });
	if (begun.kind === 'answered') return begun.outcome;
	const { cookie } = context.settings;
	const { session, token, carried, replaced } = begun;
	const body = {
		session: viewOf(session, context.settings.clientAttributes, session.createdAtMs),
		...(replaced && { replaced }),
	};
	const fields = { session: session.id, replaced };
	if (asBearer) {
		const response = withCopy(carried, 'header', context.settings, jsonResponse(201, { ...body, token }));
		const isCookieDead = replaced?.ended && read.body.replaces === undefined;
		return { response: isCookieDead ? { ...response, cookies: clearedCookies(cookie, request) } : response, fields };
	}
	const kept = persistent ? keptFor(cookie, session, session.createdAtMs) : undefined;
	const cookies = tokenCookies(cookie, request, token, { carried, kept });
	return { response: { ...jsonResponse(201, body), cookies }, fields };
}
