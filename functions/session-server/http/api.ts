import { describeError } from '../../system/log.ts';
import type { Operation } from '../deployment/routes.ts';
import { measureEvidence } from '../measure.ts';
import type { ApiContext } from './context.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';
import { matchRoute } from './match-route.ts';
import { operations } from './operations.ts';
import type { Outcome } from './outcome.ts';
import { methodNotAllowed, problemResponse } from './problem.ts';

export type Api = (request: ApiRequest, requestId: string) => Promise<ApiResponse>;

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
	return methods.length === 0 ? problemResponse('route_unknown') : methodNotAllowed(methods);
}

function logOutcome(context: ApiContext, operation: Operation, requestId: string, outcome: Outcome): void {
	const { response, evidence, fields } = outcome;
	context.settings.log('info', 'request', {
		requestId,
		operation,
		status: response.status,
		session: evidence?.session,
		...fields,
		evidence,
	});
	if (evidence !== undefined) measureEvidence(context.metrics, evidence);
}

function withEvidence(context: ApiContext, { response, evidence }: Outcome): ApiResponse {
	if (!context.evidenceHeader || evidence === undefined) return response;
	return { ...response, headers: { ...response.headers, 'x-session-evidence': JSON.stringify(evidence) } };
}
