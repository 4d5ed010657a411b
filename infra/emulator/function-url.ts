import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import type { SessionServer } from '../functions/session-server.ts';

/**
 * Adds a function URL to the session server, for emulators without HTTP APIs, and returns its
 * address. It sends the function the same event as an HTTP API, payload 2.0. It has no routes, no
 * throttling and no authorizer (docs/decisions/0074).
 */
export function addFunctionUrl({ lambda }: SessionServer): string {
	return lambda.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url;
}
