import { type Answer, redirectTo, showPage } from './answer.ts';
import {
	type AuthorizationError,
	type AuthorizationRead,
	type AuthorizationRequest,
	readAuthorizationRequest,
} from './authorization-request.ts';
import { beginSession, currentSession, type IssuerContext, type IssuerRequest } from './context.ts';
import { decideLogin, readLoginStep } from './decide-login.ts';
import { loginPage, problemPage, secondFactorPage } from './pages.ts';
import { requestUriPrefix } from './push.ts';
import type { IssuerSession } from './users.ts';

/**
 * `GET /authorize` answers with a code, an error, or a page. The form of the page is sent to the
 * same address with `POST`, so the request is checked anew, and the issuer remembers no login that
 * has only begun.
 */
export function authorize(context: IssuerContext, request: IssuerRequest): Answer {
	const read = readRequest(context, request.query);
	if (read.kind === 'no-return') return showPage(problemPage(read.problem), 400);
	if (read.kind === 'error') return redirectWithError(context, read);
	const answer =
		request.method === 'POST'
			? answerToStep(context, request, read.request)
			: answerToLink(context, request, read.request);
	// A pushed request is used up by an answer, not by a page.
	if (answer.status === 303) context.pushed.take(pushedName(request.query));
	return answer;
}

function readRequest({ clients, pushed }: IssuerContext, query: URLSearchParams): AuthorizationRead {
	if (!query.has('request_uri')) return readAuthorizationRequest(query, clients);
	const parameters = pushed.get(pushedName(query));
	if (parameters === undefined || parameters.get('client_id') !== query.get('client_id'))
		return { kind: 'no-return', problem: 'This request_uri is unknown, used up, or too old.' };
	return readAuthorizationRequest(parameters, clients);
}

function pushedName(query: URLSearchParams): string {
	const uri = query.get('request_uri') ?? '';
	return uri.startsWith(requestUriPrefix) ? uri.slice(requestUriPrefix.length) : '';
}

function answerToLink(context: IssuerContext, request: IssuerRequest, asked: AuthorizationRequest): Answer {
	const current = currentSession(context, request);
	const decision = decideLogin(asked, current?.session, context.nowMs());
	switch (decision.kind) {
		case 'logged-in':
			return redirectWithCode(context, asked, decision.session, String(current?.sid));
		case 'ask-for-user':
			return showPage(loginPage(asked));
		case 'ask-for-second-factor':
			return showPage(secondFactorPage(asked, decision.session));
		case 'refused':
			return redirectWithError(context, { ...asked, ...decision });
	}
}

function answerToStep(context: IssuerContext, request: IssuerRequest, asked: AuthorizationRequest): Answer {
	const step = readLoginStep(request.form);
	switch (step.kind) {
		case 'wrong':
			return showPage(loginPage(asked, step.problem), 400);
		case 'switch-user':
			return showPage(loginPage(asked));
		case 'cancel':
			return redirectWithError(context, {
				...asked,
				error: 'access_denied',
				description: 'the user cancelled the login',
			});
		case 'log-in':
			return beginAndRedirect(context, request, asked, step.subject, step.factors);
		case 'confirm': {
			const current = currentSession(context, request);
			const decision = decideLogin(asked, current?.session, context.nowMs());
			// The session has ended meanwhile, or is of no use for this request.
			if (decision.kind !== 'ask-for-second-factor') return answerToLink(context, request, asked);
			return beginAndRedirect(context, request, asked, decision.session.subject, 2);
		}
	}
}

function beginAndRedirect(
	context: IssuerContext,
	request: IssuerRequest,
	asked: AuthorizationRequest,
	subject: string,
	factors: 1 | 2,
): Answer {
	const session = { subject, factors, authenticatedAtMs: context.nowMs() };
	const { sid, headers } = beginSession(context, request, session);
	return redirectWithCode(context, asked, session, sid, headers);
}

/** `iss` tells the client which issuer answers, if it asked several (RFC 9207). */
function redirectWithCode(
	{ issuer, codes }: IssuerContext,
	{ client, redirectUri, codeChallenge, nonce, state }: AuthorizationRequest,
	session: IssuerSession,
	sid: string,
	headers: Answer['headers'] = {},
): Answer {
	const code = codes.add({ client, redirectUri, codeChallenge, nonce, session, sid });
	return redirectTo(redirectUri, { code, state, iss: issuer }, headers);
}

function redirectWithError(
	{ issuer }: IssuerContext,
	{ redirectUri, state, error, description }: AuthorizationError,
): Answer {
	return redirectTo(redirectUri, { error, error_description: description, state, iss: issuer });
}
