import type { ApiRequest } from '../../functions/session-server/http/exchange.ts';

/** A request for `GET /v1/session` without a token. `differing` overrides its fields. */
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

/** The fields of a request that differ. The body may be text. */
export type RequestDifference = Partial<Omit<ApiRequest, 'body'>> & { readonly body?: string | Uint8Array };
