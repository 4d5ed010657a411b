import { triesMax } from '../time-budget.ts';
import { createAgents } from './connections.ts';

/**
 * Limits of calls to AWS services. Each call is tried at most twice, each time with a time limit.
 * Every call of Leasehold may be repeated, and no other layer repeats it. The caller's own time
 * limit leaves room for both tries.
 *
 * The SDK takes region, credentials and endpoint from the environment. `AWS_ENDPOINT_URL` points
 * every client to a LocalStack-compatible endpoint.
 */
export function callLimits(requestTimeout: number) {
	// `requestTimeout` ends with the headers of the answer. `socketTimeout` ends a body that stalls
	// after them.
	const limits = { connectionTimeout: 500, requestTimeout, socketTimeout: requestTimeout, throwOnRequestTimeout: true };
	return { maxAttempts: triesMax, requestHandler: { ...limits, ...createAgents() } };
}
