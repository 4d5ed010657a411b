import { attributeBytesMax } from '../../session/changes.ts';
import type { Session } from '../../session/session.ts';
import { versionOf } from '../../session/version.ts';
import type { LoggedOut } from '../operations/logout.ts';
import { readBody, updateBodySchema } from './body.ts';
import type { ApiContext } from './context.ts';
import { type ApiRequest, type ApiResponse, emptyResponse, jsonResponse } from './exchange.ts';
import { limited, malformed, type Outcome, problem, refusal, tokenRefused, unavailable } from './outcome.ts';
import { clearCookieOf, presentedToken } from './session-token.ts';
import { viewOf } from './session-view.ts';

/** `GET /v1/session`: shows the client's own session. Does not count as activity. */
export async function view(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const token = presentedToken(request, context.settings);
	if (token.kind === 'refused') return tokenRefused(token);
	const found = await context.server.view(token.text);
	if (found.kind !== 'found') return refusal(found);
	const { session, evidence, carried } = found;
	return { ...showing(context, session), evidence, carried, live: session };
}

/** `PATCH /v1/session`: sets and deletes attributes. */
export async function update(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const token = presentedToken(request, context.settings);
	if (token.kind === 'refused') return tokenRefused(token);
	const read = readBody(request, updateBodySchema);
	if (read.kind === 'refused') return read.outcome;
	const { attributes } = read.body;
	const unknown = Object.keys(attributes).find((name) => !context.settings.clientAttributes.has(name));
	if (unknown !== undefined) return malformed(`attributes.${unknown}`, 'the name of an attribute that clients may set');
	const version = ifMatch(request);
	if (version === 'malformed') return malformed('if-match', 'one version in double quotes, or *');
	const updated = await context.server.update(token.text, attributes, version);
	if (updated.kind === 'too-large')
		return problem('session_too_large', {
			field: 'attributes',
			expected: `at most ${attributeBytesMax} bytes of attributes in total`,
		});
	if (updated.kind === 'conflict') return problem('version_conflict', { expected: versionOf(updated.session) });
	if (updated.kind !== 'updated') return refusal(updated);
	const { session, evidence, carried } = updated;
	return { ...showing(context, session), evidence, carried, live: session };
}

/** `DELETE /v1/session`: ends the client's own session. */
export async function logout(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const token = presentedToken(request, context.settings);
	if (token.kind === 'refused') return tokenRefused(token);
	const confirm = confirmation(request);
	if (confirm === 'malformed') return malformed('confirm', 'everywhere');
	const ended = await context.server.logout(token.text, confirm, token.carried);
	// The client wants the session to be ended, so an earlier end is a success.
	if (ended.kind === 'refused' && !isOver.has(ended.code)) return refusal(ended);
	if (ended.kind === 'unavailable') return unavailable(ended.reason);
	if (ended.kind === 'limited') return limited(ended.waitMs);
	const response = loggedOut(ended);
	// The client needs the cookie to ask again.
	const mustAskAgain = ended.kind === 'ended' && ended.everywhere?.confirmed === false;
	const cleared = mustAskAgain ? response : clearCookieOf(token.text, request, context.settings, response);
	return { response: cleared, evidence: ended.evidence };
}

/** The refusals of a session that has ended for good. */
const isOver: ReadonlySet<string> = new Set(['session_revoked', 'session_expired_absolute']);

function confirmation(request: ApiRequest): 'everywhere' | undefined | 'malformed' {
	const [confirm, ...others] = request.query.getAll('confirm');
	if (confirm === undefined) return undefined;
	return confirm === 'everywhere' && others.length === 0 ? confirm : 'malformed';
}

/**
 * 204 or 200 if the session is ended everywhere. 202 if a repository still has to learn of it, or
 * if some instances have not proved that they know.
 */
function loggedOut(ended: Extract<LoggedOut, { kind: 'ended' | 'refused' }>): ApiResponse {
	if (ended.kind === 'refused') return emptyResponse(204);
	const { complete, everywhere } = ended;
	if (everywhere === undefined) return complete ? emptyResponse(204) : jsonResponse(202, { complete });
	const body = { complete, ...everywhere };
	if (!everywhere.confirmed) return jsonResponse(202, body, { 'retry-after': '1' });
	return jsonResponse(complete ? 200 : 202, body);
}

/**
 * The version in `If-Match` (RFC 9110 section 13.1.1). Sessions have exactly one strong validator.
 */
function ifMatch(request: ApiRequest): string | undefined | 'malformed' {
	const header = request.headers['if-match'];
	if (header === undefined || header === '*') return undefined;
	return ifMatchPattern.exec(header)?.[1] ?? 'malformed';
}

export const ifMatchPattern = /^"([A-Za-z0-9_-]{1,64})"$/;

function showing(context: ApiContext, session: Session): Outcome {
	const shown = viewOf(session, context.settings.clientAttributes, context.settings.clock.now().wallMs);
	return { response: jsonResponse(200, shown, { etag: `"${shown.version}"` }) };
}
