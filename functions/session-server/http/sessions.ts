import { sessionIdPattern } from '../../session/ids.ts';
import type { SessionId } from '../../session/session.ts';
import type { ApiContext, PathParameters } from './context.ts';
import { type ApiRequest, emptyResponse, jsonResponse } from './exchange.ts';
import { malformed, type Outcome, problem, refusal, tokenRefused } from './outcome.ts';
import { clearCookieOf, presentedToken } from './session-token.ts';
import { subjectSessionView } from './session-view.ts';

/** `GET /v1/sessions`: lists the sessions of the client's subject. */
export async function listSessions(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const token = presentedToken(request, context.settings);
	if (token.kind === 'refused') return tokenRefused(token);
	const listed = await context.server.listSessions(token.text);
	if (listed.kind !== 'listed') return refusal(listed);
	const { current, evidence, carried } = listed;
	const nowMs = context.settings.clock.now().wallMs;
	const sessions = listed.sessions.map((session) => subjectSessionView(session, current.id, nowMs));
	return {
		response: jsonResponse(200, {
			sessions,
			...(listed.more ? { more: true } : {}),
			...gapsOf(listed),
		}),
		evidence,
		carried,
		live: current,
		fields: { listed: sessions.length },
	};
}

/**
 * `DELETE /v1/sessions`: ends the subject's other sessions. 202 if a repository still has to learn
 * of it.
 */
export async function endOthers(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const token = presentedToken(request, context.settings);
	if (token.kind === 'refused') return tokenRefused(token);
	const others = await context.server.endOthers(token.text);
	if (others.kind !== 'ended') return refusal(others);
	const { ended, complete, evidence } = others;
	return {
		response: jsonResponse(complete ? 200 : 202, { ended, complete, ...gapsOf(others) }),
		evidence,
		fields: { ended },
	};
}

/** Says that the answer may not cover all of the subject's sessions. */
function gapsOf({ unreadable, incomplete }: { readonly unreadable: number; readonly incomplete: boolean }) {
	return { ...(unreadable > 0 ? { unreadable } : {}), ...(incomplete ? { incomplete } : {}) };
}

/** `DELETE /v1/sessions/{handle}`: ends one session of the subject, and answers like a logout. */
export async function endOne(context: ApiContext, request: ApiRequest, { handle }: PathParameters): Promise<Outcome> {
	const token = presentedToken(request, context.settings);
	if (token.kind === 'refused') return tokenRefused(token);
	if (handle === undefined || !sessionIdPattern.test(handle)) return malformed('handle', 'the handle of a session');
	const one = await context.server.endOne(token.text, handle as SessionId);
	if (one.kind === 'no-such-session') return { ...problem('handle_unknown'), evidence: one.evidence };
	if (one.kind !== 'ended') return refusal(one);
	const { complete, isCurrent, evidence } = one;
	const response = complete ? emptyResponse(204) : jsonResponse(202, { complete });
	return {
		response: isCurrent ? clearCookieOf(token.text, request, context.settings, response) : response,
		evidence,
		fields: { ended: handle },
	};
}
