import type { ApiContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, emptyResponse, jsonResponse } from '../exchange.ts';
import { malformed, type Outcome, problem, refusal, tokenRefused } from '../outcome.ts';
import { clearCookieOf, presentedToken } from '../session-token.ts';
import { asPage } from './page.ts';
import { publicUrlOf } from './public-url.ts';
import { readReturnTo } from './return-to.ts';

/**
 * `POST /v1/logout`: ends the session, and sends the browser to the issuer to end its session there
 * (OpenID Connect RP-Initiated Logout 1.0). A browser without a session goes straight to
 * `return_to`.
 */
export async function endLogin(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	return asPage(request, await end(context, request), 'The logout did not succeed');
}

async function end({ browser, server, settings }: ApiContext, request: ApiRequest): Promise<Outcome> {
	const [asked = '/', ...others] = request.query.getAll('return_to');
	if (others.length > 0) return malformed('return_to', 'one path or URL');
	const own = publicUrlOf(request, browser.publicUrl);
	if (own === undefined) return malformed('host', 'a host name');
	const returnTo = readReturnTo(asked, own, settings.origins);
	if (returnTo === undefined) return problem('return_to_refused');
	const token = presentedToken(request, settings);
	if (token.kind === 'refused')
		return token.code === 'session_missing' ? { response: leadingTo(request, returnTo) } : tokenRefused(token);
	const found = await server.view(token.text);
	// A session that is over needs no end. One that cannot be found now may be live.
	if (found.kind !== 'found' && found.kind !== 'refused') return refusal(found);
	const ended = await server.logout(token.text, undefined, token.carried);
	if (ended.kind === 'unavailable' || ended.kind === 'limited') return refusal(ended);
	const issuerUrl = found.kind === 'found' ? await endAtIssuer(found.session.subject) : undefined;
	const response = clearCookieOf(token.text, request, settings, leadingTo(request, issuerUrl ?? returnTo));
	return { response, evidence: ended.evidence };

	/** A subject is `name:sub`, with the name of its issuer. */
	async function endAtIssuer(subject: string): Promise<string | undefined> {
		const issuer = browser.issuers.find(subject.slice(0, subject.indexOf(':')));
		const url = issuer === undefined ? undefined : await (await issuer.get()).endSession(String(returnTo));
		return url?.href;
	}
}

/** Programs of a page cannot follow a redirect to another origin, so they are told the URL. */
function leadingTo({ headers }: ApiRequest, location: string): ApiResponse {
	const isProgram = /^application\/json\b/i.test(headers['accept'] ?? '');
	return isProgram ? jsonResponse(200, { location }) : emptyResponse(303, { location });
}
