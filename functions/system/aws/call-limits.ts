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
	return { maxAttempts: triesMax, requestHandler: limits };
}

/** How often a call is tried before it fails. */
export const triesMax = 2;

/**
 * A call to DynamoDB takes a few milliseconds. This is a hundred times that, and after both tries
 * there is still time to read from S3 within the staleness bound.
 */
export const controlTableTryMs = 500;

/**
 * Longer than the bus waits for both repositories. Both tries fit into the timeout of a session
 * server's function.
 */
export const busTryMs = 3_500;
