import type { ApiRequest } from '../../functions/session-server/http/exchange.ts';

/** A request for `GET /v1/session` without a token, but for what `differing` says. */
export function apiRequest(differing: Partial<ApiRequest> = {}): ApiRequest {
	return {
		method: 'GET',
		path: '/v1/session',
		query: new URLSearchParams(),
		headers: {},
		cookies: [],
		body: '',
		...differing,
	};
}
