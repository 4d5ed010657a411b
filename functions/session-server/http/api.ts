import { describeError } from '../../system/log.ts';
import type { SessionServerContext } from '../context.ts';
import type { Evidence } from '../evidence.ts';
import type { VerifyIdToken } from '../id-token.ts';
import type { Operation } from '../routes.ts';
import type { SessionServer } from '../session-server.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';
import { matchRoute } from './match-route.ts';
import { operations } from './operations.ts';
import { problemResponse } from './problem.ts';

/** What the API's operations work with. */
export interface ApiContext {
	readonly server: SessionServer;
	readonly verifyIdToken: VerifyIdToken;
	readonly settings: Pick<SessionServerContext, 'clientAttributes' | 'timeouts' | 'log'>;
	/** Answers carry their evidence in `x-session-evidence`. */
	readonly evidenceHeader: boolean;
}

export type Api = (request: ApiRequest, requestId: string) => Promise<ApiResponse>;

/** What an operation answers, with what the log is to say of it. */
export interface Outcome {
	readonly response: ApiResponse;
	readonly evidence?: Evidence | undefined;
	/** The session's handle and whatever else makes the line useful; no token, no attribute. */
	readonly fields?: Readonly<Record<string, unknown>>;
}

/** The HTTPS API. Never throws: a bug is a 500 with its cause in the log. */
export function createApi(context: ApiContext): Api {
	return async (request, requestId) => {
		const match = matchRoute(request);
		if (match.operation === undefined) return noRoute(match.methods);
		const { operation, parameters } = match;
		try {
			const outcome = await operations[operation](context, request, parameters);
			logOutcome(context, operation, requestId, outcome);
			return withEvidence(context, outcome);
		} catch (error) {
			context.settings.log('error', 'a request failed', { requestId, operation, ...describeError(error) });
			return problemResponse('internal');
		}
	};
}

function noRoute(methods: readonly string[]): ApiResponse {
	if (methods.length === 0) return problemResponse('route_unknown');
	const allow = methods.join(', ');
	return problemResponse('method_not_allowed', { expected: allow }, { allow });
}

function logOutcome(context: ApiContext, operation: Operation, requestId: string, outcome: Outcome): void {
	const { response, evidence, fields } = outcome;
	context.settings.log('info', 'request', { requestId, operation, status: response.status, ...fields, evidence });
}

function withEvidence(context: ApiContext, { response, evidence }: Outcome): ApiResponse {
	if (!context.evidenceHeader || evidence === undefined) return response;
	return { ...response, headers: { ...response.headers, 'x-session-evidence': JSON.stringify(evidence) } };
}
