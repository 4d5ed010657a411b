import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import type { SessionServer } from '../functions/session-server.ts';

/**
 * Gives the session servers a function URL, for emulators that have no HTTP APIs. It sends the same
 * event as an HTTP API, with the route `$default` for every path. It has no throttling and no
 * access log.
 *
 * @returns the address, with a slash at its end
 */
export function addFunctionUrl({ lambda }: SessionServer): string {
	return lambda.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url;
}
