import type { IncomingMessage } from 'node:http';

/** The operation that a request of one of AWS's JSON protocols names: `PutItem`, `SendMessage`. */
export function targetOf(request: IncomingMessage): string {
	return String(request.headers['x-amz-target'] ?? 'unknown').replace(/^.*\./, '');
}
