import { loginBodySchema, readBody } from './body.ts';
import type { ApiContext } from './context.ts';
import { type ApiRequest, jsonResponse } from './exchange.ts';
import { type Outcome, problem, unavailable } from './outcome.ts';
import { bearerToken, tokenCookie } from './session-token.ts';
import { viewOf } from './session-view.ts';

/** `POST /v1/sessions`: begins a session for the subject of the ID token. */
export async function login(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const idToken = bearerToken(request);
	if (idToken === undefined) return problem('id_token_missing');
	const read = readBody(request, loginBodySchema);
	if (read.kind === 'refused') return read.outcome;
	const verified = await context.verifyIdToken(idToken);
	if (verified.kind === 'refused') return problem('id_token_refused', { detail: verified.reason });
	if (verified.kind === 'unavailable') return unavailable(verified.reason);
	const loggedIn = await context.server.login(verified.identity);
	if (loggedIn.kind === 'quota-exceeded')
		return problem('quota_exceeded', { expected: `at most ${loggedIn.max} sessions per subject` });
	if (loggedIn.kind === 'authentication-too-old')
		return problem('id_token_refused', { detail: 'the authentication is older than a session may become' });
	if (loggedIn.kind === 'unavailable') return unavailable(loggedIn.reason);
	const { session, token } = loggedIn;
	const body = { session: viewOf(session, context.settings.clientAttributes, session.createdAtMs) };
	const fields = { session: session.id };
	if (read.body.delivery === 'bearer') return { response: jsonResponse(201, { ...body, token }), fields };
	const livesMs = session.absoluteExpiresAtMs - session.createdAtMs;
	const maxAgeSeconds = read.body.persistent ? Math.floor(livesMs / 1000) : undefined;
	return { response: { ...jsonResponse(201, body), cookies: [tokenCookie(token, maxAgeSeconds)] }, fields };
}
