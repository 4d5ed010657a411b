import { describeError } from '../../system/log.ts';
import { type Operation, routes } from '../deployment/routes.ts';
import { throughDistribution } from '../distribution/door.ts';
import { measureEvidence } from '../operations/authorize.ts';
import { authorize } from './authorize.ts';
import { beginLogin } from './browser/begin-login.ts';
import { endLogin } from './browser/end-login.ts';
import { finishLogin } from './browser/finish-login.ts';
import type { ApiContext, PathParameters } from './context.ts';
import { serveContract } from './contract/serve-contract.ts';
import { clearDeadCookie } from './dead-cookie.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';
import { forward } from './forward/forward.ts';
import { health } from './health.ts';
import { login } from './login.ts';
import { preflightAnswer, withCors } from './origins/cors.ts';
import { type Outcome, problem, unavailable } from './outcome.ts';
import { withRenewedCookie } from './persistent-cookie.ts';
import { methodNotAllowed, problemResponse } from './problem.ts';
import { logout, update, view } from './session.ts';
import { bearerToken, withCopy } from './session-token.ts';
import { endOne, endOthers, listSessions } from './sessions.ts';
import { tokenFirst } from './token-first.ts';

type Run = (context: ApiContext, request: ApiRequest, parameters: PathParameters) => Promise<Outcome>;

/**
 * The function for each operation in the table of routes. The compiler rejects an operation without
 * a function, and a function without a route.
 */
const operations: Readonly<Record<Operation, Run>> = {
	login,
	listSessions,
	endOthers,
	endOne,
	view,
	update,
	logout,
	beginLogin,
	finishLogin,
	endLogin,
	authorize,
	forward,
	serveContract,
	health,
};

export type Api = (request: ApiRequest, requestId: string) => Promise<ApiResponse>;

/** Creates the HTTPS API. It never throws: after a bug it answers 500 and logs the cause. */
export function createApi(context: ApiContext): Api {
	const { origins } = context.settings;
	const answer: Api = async (sent, requestId) => {
		const refused = (outcome: Outcome) => {
			logOutcome(context, undefined, requestId, outcome);
			return outcome.response;
		};
		const preflight = sent.method === 'OPTIONS' ? preflightAnswer(sent, origins) : undefined;
		if (preflight !== undefined) return refused(preflight);
		const request = await enter(context, sent);
		if ('response' in request) return refused(request);
		const match = matchRoute(request);
		if (match.kind === 'none') return refused(noRoute(match.methods));
		const { operation, parameters } = match;
		try {
			const outcome = await run(context, request, operation, parameters);
			logOutcome(context, operation, requestId, outcome);
			return withEvidence(context, outcome);
		} catch (error) {
			context.settings.log('error', 'a request failed', { requestId, operation, ...describeError(error) });
			return problemResponse('internal');
		}
	};
	if (origins.size === 0) return answer;
	return async (request, requestId) => withCors(request, origins, await answer(request, requestId));
}

/** The request as its client sent it. If it did not come through the distribution, its answer. */
async function enter({ distributionSecret }: ApiContext, request: ApiRequest): Promise<ApiRequest | Outcome> {
	if (distributionSecret === undefined) return request;
	const through = await throughDistribution(request, distributionSecret);
	if (through === 'refused') return problem('distribution_required');
	return through === 'unavailable' ? unavailable('the distribution’s secret is not known') : through;
}

/** Operations that need no session, or say themselves what is wrong with it. */
const ownAnswers: ReadonlySet<Operation> = new Set<Operation>([
	'login',
	'beginLogin',
	'finishLogin',
	'endLogin',
	'serveContract',
	'health',
]);

async function run(
	context: ApiContext,
	request: ApiRequest,
	operation: Operation,
	parameters: PathParameters,
): Promise<Outcome> {
	const outcome = giveCookies(context, request, await operations[operation](context, request, parameters));
	if (outcome.refused === undefined || ownAnswers.has(operation)) return outcome;
	return clearDeadCookie(context.settings, request, await tokenFirst(context, request, outcome));
}

/**
 * The client gets a new copy with the answer to any request that brought one. A browser whose
 * session is live may also get its persistent cookie once more.
 */
function giveCookies({ settings }: ApiContext, request: ApiRequest, outcome: Outcome): Outcome {
	const { carried, live } = outcome;
	const mayRenew = live !== undefined && request.cookies.length > 0;
	if (carried === undefined && !mayRenew) return outcome;
	const way = bearerToken(request) === undefined ? 'cookie' : 'header';
	const response = withCopy(carried, way, settings, outcome.response);
	if (!mayRenew || way === 'header') return { ...outcome, response };
	const nowMs = settings.clock.now().wallMs;
	return { ...outcome, response: withRenewedCookie(live, request, settings.cookie, nowMs, response) };
}

function noRoute(methods: readonly string[]): Outcome {
	if (methods.length === 0) return problem('route_unknown');
	return { response: methodNotAllowed(methods), refused: 'method_not_allowed' };
}

function logOutcome(context: ApiContext, operation: Operation | undefined, requestId: string, outcome: Outcome): void {
	const { response, evidence, refused, fields } = outcome;
	const allowed = operation === 'authorize' && refused === undefined && evidence !== undefined;
	if (!allowed || context.wantsLine(evidence))
		context.settings.log('info', 'request', {
			requestId,
			operation,
			status: response.status,
			session: evidence?.session,
			refused,
			...fields,
			evidence,
		});
	// A server that fails refuses nothing.
	if (refused !== undefined && response.status < 500) context.metrics.add('Refusals', { code: refused });
	if (evidence !== undefined) measureEvidence(context.metrics, evidence);
}

function withEvidence(context: ApiContext, { response, evidence }: Outcome): ApiResponse {
	if (!context.evidenceHeader || evidence === undefined) return response;
	return { ...response, headers: { ...response.headers, 'x-session-evidence': JSON.stringify(evidence) } };
}

type RouteMatch =
	| { readonly kind: 'route'; readonly operation: Operation; readonly parameters: PathParameters }
	/** The methods that the path supports. Empty if there is no such path. */
	| { readonly kind: 'none'; readonly methods: readonly string[] };

/**
 * Finds the route of a request. Parameters are not decoded, because handles and names of services
 * have no encoded characters. `{proxy+}` also matches an empty rest of the path.
 */
export function matchRoute({ method, path }: Pick<ApiRequest, 'method' | 'path'>): RouteMatch {
	const methods: string[] = [];
	for (const { route, pattern } of patterns) {
		const match = pattern.exec(path);
		if (match === null) continue;
		if (route.method === method || route.method === 'ANY')
			return { kind: 'route', operation: route.operation, parameters: match.groups ?? {} };
		methods.push(route.method);
	}
	return { kind: 'none', methods };
}

const patterns = routes.map((route) => ({
	route,
	pattern: new RegExp(`^${route.path.replace('/{proxy+}', '(?:/[^]*)?').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));
