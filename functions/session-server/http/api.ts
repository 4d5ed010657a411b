import type { SendRequest } from '../../system/http-client.ts';
import { describeError } from '../../system/log.ts';
import type { Metrics } from '../../system/metrics.ts';
import type { SessionServerContext } from '../context.ts';
import type { VerifyIdToken } from '../id-token.ts';
import { measureEvidence } from '../measure.ts';
import { type Operation, routes } from '../routes.ts';
import type { SessionServer } from '../session-server.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';
import { operations } from './operations.ts';
import type { Outcome } from './outcome.ts';
import { problemResponse } from './problem.ts';

/** What the API's operations work with. */
export interface ApiContext {
	readonly server: SessionServer;
	readonly verifyIdToken: VerifyIdToken;
	/** Reaches the services that requests go on to. */
	readonly sendRequest: SendRequest;
	readonly settings: Pick<SessionServerContext, 'clientAttributes' | 'timeouts' | 'log' | 'catalog'>;
	readonly metrics: Metrics;
	/** Answers carry their evidence in `x-session-evidence`. */
	readonly evidenceHeader: boolean;
}

export type Api = (request: ApiRequest, requestId: string) => Promise<ApiResponse>;

/** The HTTPS API. Never throws: a bug is a 500 with its cause in the log. */
export function createApi(context: ApiContext): Api {
	return async (request, requestId) => {
		const route = findRoute(request);
		if (typeof route !== 'string') return route.response;
		try {
			const outcome = await operations[route](context, request);
			logOutcome(context, route, requestId, outcome);
			return withEvidence(context, outcome);
		} catch (error) {
			context.settings.log('error', 'a request failed', { requestId, operation: route, ...describeError(error) });
			return problemResponse('internal');
		}
	};
}

function findRoute(request: ApiRequest): Operation | { readonly response: ApiResponse } {
	const here = routes.filter(({ path }) => isAt(path, request.path));
	const route = here.find(({ method }) => method === request.method || method === 'ANY');
	if (route !== undefined) return route.operation;
	const [first] = here;
	if (first === undefined) return { response: problemResponse('route_unknown') };
	const allow = here.map(({ method }) => method).join(', ');
	return { response: problemResponse('method_not_allowed', { expected: allow }, { allow }) };
}

/** `/services/{name}/{proxy+}` is every path below `/services/`, and the one route with parameters. */
function isAt(path: string, requested: string): boolean {
	return path.includes('{') ? requested.startsWith(path.slice(0, path.indexOf('{'))) : path === requested;
}

function logOutcome(context: ApiContext, operation: Operation, requestId: string, outcome: Outcome): void {
	const { response, evidence, fields } = outcome;
	context.settings.log('info', 'request', { requestId, operation, status: response.status, ...fields, evidence });
	if (evidence !== undefined) measureEvidence(context.metrics, evidence);
}

function withEvidence(context: ApiContext, { response, evidence }: Outcome): ApiResponse {
	if (!context.evidenceHeader || evidence === undefined) return response;
	return { ...response, headers: { ...response.headers, 'x-session-evidence': JSON.stringify(evidence) } };
}
