import type { JWTPayload } from 'jose';
import { type Answer, redirectTo, showPage } from './answer.ts';
import { mayEndAt } from './clients.ts';
import { currentSession, endSession, type IssuerContext, type IssuerRequest } from './context.ts';
import { loggedOutPage, logoutPage, problemPage } from './pages.ts';

/**
 * `/end_session` (OpenID Connect RP-Initiated Logout 1.0). An ID token of the session proves that
 * the client wants the logout. Without one, the user confirms it.
 */
export async function logOut(context: IssuerContext, request: IssuerRequest): Promise<Answer> {
	const { query } = request;
	const hint = query.has('id_token_hint') ? await context.idTokens.read(query.get('id_token_hint') ?? '') : undefined;
	if (query.has('id_token_hint') && hint === undefined)
		return showPage(problemPage('The id_token_hint is no ID token of this issuer.'), 400);
	const clientId = query.get('client_id') ?? hint?.aud;
	const client = context.clients.find(({ id }) => id === clientId);
	const returnTo = query.get('post_logout_redirect_uri') ?? undefined;
	if (returnTo !== undefined && (client === undefined || !mayEndAt(client, returnTo)))
		return showPage(problemPage('The post_logout_redirect_uri is none that is registered for this client.'), 400);
	if (hint !== undefined && hint.aud !== client?.id)
		return showPage(problemPage('The id_token_hint is for another client.'), 400);
	const current = currentSession(context, request);
	if (current !== undefined && request.method !== 'POST' && !isOf(hint, current))
		return showPage(logoutPage(current.session));
	const headers = endSession(context, request);
	if (returnTo === undefined) return showPage(loggedOutPage(), 200, headers);
	return redirectTo(returnTo, { state: query.get('state') ?? undefined }, headers);
}

/** A step-up begins another session of the same user, so the subject counts and not the `sid`. */
function isOf(hint: JWTPayload | undefined, { session }: NonNullable<ReturnType<typeof currentSession>>): boolean {
	return hint?.sub === session.subject;
}
