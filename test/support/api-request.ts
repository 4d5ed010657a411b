import type { ApiRequest } from '../../functions/session-server/http/exchange.ts';

/** A request for `GET /v1/session` without a token, but for what `differing` says. */
export function apiRequest({ body = '', ...differing }: RequestDifference = {}): ApiRequest {
	return {
		method: 'GET',
		path: '/v1/session',
		query: new URLSearchParams(),
		headers: {},
		cookies: [],
		body: Buffer.from(body),
		...differing,
	};
}

/** What tells one request from another; the body may be text. */
export type RequestDifference = Partial<Omit<ApiRequest, 'body'>> & { readonly body?: string | Uint8Array };
