import { Agent, request } from 'node:http';

/** An answer to a request. If there was none, `status` is 0 and `body` is the error's message. */
export interface HttpAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
	readonly elapsedMs: number;
}

export interface HttpRequest {
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
}

export type Send = (method: string, url: string, options?: HttpRequest) => Promise<HttpAnswer>;

/**
 * Creates a client that keeps its connections open. `send` never rejects: a failed request is an
 * answer with status 0.
 */
export function createHttpClient(): { readonly send: Send; close(): void } {
	const agent = new Agent({ keepAlive: true });
	const send: Send = (method, url, options = {}) =>
		new Promise((resolve) => {
			const begun = performance.now();
			const body = options.body === undefined ? undefined : JSON.stringify(options.body);
			const fail = (error: Error) =>
				resolve({ status: 0, headers: {}, body: error.message, elapsedMs: performance.now() - begun });
			const outgoing = request(url, { method, agent, headers: { ...options.headers } }, (incoming) => {
				let text = '';
				incoming.setEncoding('utf8');
				incoming.on('data', (chunk: string) => {
					text += chunk;
				});
				incoming.on('error', fail);
				incoming.on('end', () =>
					resolve({
						status: incoming.statusCode ?? 0,
						headers: incoming.headers,
						body: text,
						elapsedMs: performance.now() - begun,
					}),
				);
			});
			outgoing.on('error', fail);
			outgoing.end(body);
		});
	return { send, close: () => agent.destroy() };
}
