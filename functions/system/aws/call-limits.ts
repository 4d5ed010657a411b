/**
 * How AWS services are called: tried twice, since everything that Leasehold sends may be repeated and no other layer repeats
 * it, and each time with a limit. Both tries together fit into the time of whoever waits for them.
 *
 * Region, credentials and endpoint come from the environment, as the SDK reads them; `AWS_ENDPOINT_URL` points every client
 * to a LocalStack-compatible endpoint.
 */
export function callLimits(requestTimeout: number) {
	// The SDK's `requestTimeout` ends with the headers of the answer; a body that stalls after them is the socket's to end.
	const limits = { connectionTimeout: 500, requestTimeout, socketTimeout: requestTimeout, throwOnRequestTimeout: true };
	return { maxAttempts: triesMax, requestHandler: limits };
}

/** How often a call is made before it has failed. */
export const triesMax = 2;

/**
 * A call to DynamoDB takes a few milliseconds; this is a hundred times that. After both tries there is time left to read from
 * S3 within the staleness bound.
 */
export const controlTableTryMs = 500;

/** Longer than the bus gives both repositories; both tries fit into what a session server's function is given. */
export const busTryMs = 3_500;
