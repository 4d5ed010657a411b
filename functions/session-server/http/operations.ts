import { attributeBytesMax } from '../../session/changes.ts';
import type { Session } from '../../session/session.ts';
import { versionOf } from '../../session/version.ts';
import type { LoggedOut } from '../change-session.ts';
import type { Operation } from '../routes.ts';
import type { ApiContext } from './api.ts';
import { loginBodySchema, readBody, updateBodySchema } from './body.ts';
import { decideFor } from './decide-for.ts';
import { type ApiRequest, type ApiResponse, emptyResponse, jsonResponse } from './exchange.ts';
import { forward } from './forward.ts';
import { identityHeaders } from './identity-headers.ts';
import { type Outcome, problem, refusal, unavailable } from './outcome.ts';
import {
	bearerToken,
	clearedCookie,
	isSameSite,
	type PresentedToken,
	presentedToken,
	tokenCookie,
} from './session-token.ts';
import { viewOf } from './session-view.ts';

type Run = (context: ApiContext, request: ApiRequest) => Promise<Outcome>;

/** The API's operations, by the name that the routes give them. */
export const operations: Readonly<Record<Operation, Run>> = { login, view, update, logout, authorize, forward, health };

async function login(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const idToken = bearerToken(request);
	if (idToken === undefined) return problem('id_token_missing');
	const read = readBody(request, loginBodySchema);
	if ('problem' in read) return { response: read.problem };
	const verified = await context.verifyIdToken(idToken);
	if (verified.kind === 'refused') return problem('id_token_refused', { detail: verified.reason });
	if (verified.kind === 'unavailable') return unavailable(verified.reason);
	const loggedIn = await context.server.login(context.server.arrive(), verified.identity);
	if (loggedIn.kind === 'unavailable') return unavailable(loggedIn.reason);
	const { session, token } = loggedIn;
	const body = { session: viewOf(session, context.settings.clientAttributes) };
	const fields = { session: session.id };
	if (read.body.delivery === 'bearer') return { response: jsonResponse(201, { ...body, token }), fields };
	const maxAgeSeconds = read.body.persistent ? Math.floor(context.settings.timeouts.absoluteMs / 1000) : undefined;
	return { response: { ...jsonResponse(201, body), cookies: [tokenCookie(token, maxAgeSeconds)] }, fields };
}

async function view(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const token = presentedToken(request);
	if (token === undefined) return problem('session_missing');
	const found = await context.server.view(context.server.arrive(), token.text);
	if (found.kind !== 'found') return refusal(found);
	return { ...showing(context, found.session), evidence: found.evidence };
}

async function update(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const token = tokenForChange(request);
	if ('response' in token) return token;
	const read = readBody(request, updateBodySchema);
	if ('problem' in read) return { response: read.problem };
	const { attributes } = read.body;
	const unknown = Object.keys(attributes).find((name) => !context.settings.clientAttributes.has(name));
	if (unknown !== undefined)
		return problem('request_malformed', {
			field: `attributes.${unknown}`,
			expected: 'an attribute that clients may set',
		});
	const version = ifMatch(request);
	if (version === 'malformed')
		return problem('request_malformed', { field: 'if-match', expected: 'one version in double quotes, or *' });
	const updated = await context.server.update(context.server.arrive(), token.text, attributes, version);
	if (updated.kind === 'too-large')
		return problem('session_too_large', { field: 'attributes', expected: `at most ${attributeBytesMax} bytes in all` });
	if (updated.kind === 'conflict') return problem('version_conflict', { expected: versionOf(updated.session) });
	if (updated.kind !== 'updated') return refusal(updated);
	return { ...showing(context, updated.session), evidence: updated.evidence };
}

async function logout(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const token = tokenForChange(request);
	if ('response' in token) return token;
	const confirm = confirmation(request);
	if (confirm === 'malformed') return problem('request_malformed', { field: 'confirm', expected: 'everywhere' });
	const ended = await context.server.logout(context.server.arrive(), token.text, confirm);
	// A session that was ended before is as the client wants it.
	if (ended.kind === 'refused' && ended.code !== 'session_revoked') return refusal(ended);
	if (ended.kind === 'unavailable') return unavailable(ended.reason);
	const response = loggedOut(ended);
	// Who has to ask again still needs the cookie.
	const mustAskAgain = ended.kind === 'ended' && ended.everywhere?.confirmed === false;
	return { response: mustAskAgain ? response : { ...response, cookies: [clearedCookie] }, evidence: ended.evidence };
}

function confirmation(request: ApiRequest): 'everywhere' | undefined | 'malformed' {
	const [confirm, ...others] = request.query.getAll('confirm');
	if (confirm === undefined) return undefined;
	return confirm === 'everywhere' && others.length === 0 ? confirm : 'malformed';
}

/** 202 says what is still to come: a repository that has to learn of it, or instances that have not proved that they know. */
function loggedOut(ended: Extract<LoggedOut, { kind: 'ended' | 'refused' }>): ApiResponse {
	if (ended.kind === 'refused') return emptyResponse(204);
	const { complete, everywhere } = ended;
	if (everywhere === undefined) return complete ? emptyResponse(204) : jsonResponse(202, { complete });
	return jsonResponse(complete && everywhere.confirmed ? 200 : 202, { complete, ...everywhere });
}

async function authorize(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const [service, ...others] = request.query.getAll('service');
	if (service === undefined || others.length > 0)
		return problem('request_malformed', { field: 'service', expected: 'the name of one service' });
	const decided = await decideFor(context, presentedToken(request), service);
	if ('response' in decided) return decided;
	const { session, evidence } = decided;
	return { response: emptyResponse(204, identityHeaders(session)), evidence, fields: { service, session: session.id } };
}

async function health(context: ApiContext): Promise<Outcome> {
	const dependencies = await context.server.health();
	const status = dependencies.controlTable && dependencies.bus ? 'ok' : 'degraded';
	return { response: jsonResponse(200, { status, dependencies }) };
}

/** The token of a request that changes something; where only a cookie vouches for it, it must come from the same site. */
function tokenForChange(request: ApiRequest): PresentedToken | Outcome {
	const token = presentedToken(request);
	if (token === undefined) return problem('session_missing');
	if (token.by === 'cookie' && !isSameSite(request))
		return problem('cross_site_refused', { expected: 'the header x-requested-with, or a request of the same origin' });
	return token;
}

/** RFC 9110 section 13.1.1, for the one kind of validator that a session has. */
function ifMatch(request: ApiRequest): string | undefined | 'malformed' {
	const header = request.headers['if-match'];
	if (header === undefined || header === '*') return undefined;
	return /^"([A-Za-z0-9_-]{1,64})"$/.exec(header)?.[1] ?? 'malformed';
}

function showing(context: ApiContext, session: Session): Outcome {
	const shown = viewOf(session, context.settings.clientAttributes);
	return { response: jsonResponse(200, shown, { etag: `"${shown.version}"` }), fields: { session: session.id } };
}
