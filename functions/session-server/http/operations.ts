import type { Operation } from '../deployment/routes.ts';
import type { Health } from '../operations/health.ts';
import { loginBodySchema, readBody } from './body.ts';
import type { ApiContext } from './context.ts';
import { decideFor } from './decide-for.ts';
import { type ApiRequest, emptyResponse, jsonResponse } from './exchange.ts';
import { forward } from './forward/forward.ts';
import { identityHeaders } from './identity-headers.ts';
import type { PathParameters } from './match-route.ts';
import { malformed, type Outcome, problem, unavailable } from './outcome.ts';
import { logout, update, view } from './own-session.ts';
import { endOne, endOthers, listSessions } from './own-subject.ts';
import { bearerToken, presentedToken, tokenCookie } from './session-token.ts';
import { viewOf } from './session-view.ts';

type Run = (context: ApiContext, request: ApiRequest, parameters: PathParameters) => Promise<Outcome>;

/** The API's operations, by the name that the routes give them. */
export const operations: Readonly<Record<Operation, Run>> = {
	login,
	listSessions,
	endOthers,
	endOne,
	view,
	update,
	logout,
	authorize,
	forward,
	health,
};

async function login(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const idToken = bearerToken(request);
	if (idToken === undefined) return problem('id_token_missing');
	const read = readBody(request, loginBodySchema);
	if ('response' in read) return read;
	const verified = await context.verifyIdToken(idToken);
	if (verified.kind === 'refused') return problem('id_token_refused', { detail: verified.reason });
	if (verified.kind === 'unavailable') return unavailable(verified.reason);
	const loggedIn = await context.server.login(context.server.arrive(), verified.identity);
	if (loggedIn.kind === 'quota-exceeded')
		return problem('quota_exceeded', { expected: `at most ${loggedIn.max} sessions of one subject` });
	if (loggedIn.kind === 'unavailable') return unavailable(loggedIn.reason);
	const { session, token } = loggedIn;
	const body = { session: viewOf(session, context.settings.clientAttributes) };
	const fields = { session: session.id };
	if (read.body.delivery === 'bearer') return { response: jsonResponse(201, { ...body, token }), fields };
	const maxAgeSeconds = read.body.persistent ? Math.floor(context.settings.timeouts.absoluteMs / 1000) : undefined;
	return { response: { ...jsonResponse(201, body), cookies: [tokenCookie(token, maxAgeSeconds)] }, fields };
}

async function authorize(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const [service, ...others] = request.query.getAll('service');
	if (service === undefined || others.length > 0) return malformed('service', 'the name of one service');
	const decided = await decideFor(context, presentedToken(request), service);
	if ('response' in decided) return decided;
	const { session, evidence } = decided;
	return { response: emptyResponse(204, identityHeaders(session)), evidence, fields: { service } };
}

async function health(context: ApiContext): Promise<Outcome> {
	const dependencies = await context.server.health();
	return { response: jsonResponse(200, { status: statusOf(dependencies), dependencies }) };
}

/** Without the bus no repository answers, and without one only sessions in memory are decided about. */
function statusOf({ controlTable, repositories }: Health): 'ok' | 'degraded' | 'unavailable' {
	const answers = Object.values(repositories);
	if (!answers.includes(true)) return 'unavailable';
	return controlTable && !answers.includes(false) ? 'ok' : 'degraded';
}
