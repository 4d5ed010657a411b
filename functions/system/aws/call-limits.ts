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
	return { maxAttempts: 2, requestHandler: limits };
}
