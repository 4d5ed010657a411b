import type { Api } from '../../../functions/session-server/http/api.ts';
import type { ApiResponse } from '../../../functions/session-server/http/exchange.ts';
import { apiRequest } from '../api-request.ts';

/** The address of the API in these tests. */
export const apiUrl = 'https://api.example';

/** A browser that navigates to the API and to issuers, with a jar of cookies for the API. */
export function createBrowser(api: Api) {
	const jar = new Map<string, string>();

	async function ask(
		method: string,
		url: string,
		headers: Readonly<Record<string, string>> = {},
	): Promise<ApiResponse> {
		const { pathname, search, host } = new URL(url, apiUrl);
		const response = await api(
			apiRequest({
				method,
				path: pathname,
				query: new URLSearchParams(search),
				headers: { host, 'x-forwarded-proto': 'https', accept: 'text/html,*/*;q=0.8', ...headers },
				cookies: [...jar].map(([name, value]) => `${name}=${value}`),
				sourceAddress: '203.0.113.7',
			}),
			'r',
		);
		for (const cookie of response.cookies ?? []) keep(cookie);
		return response;
	}

	function keep(cookie: string): void {
		const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
		if (/;\s*Max-Age=0(;|$)/.test(cookie)) jar.delete(name);
		else jar.set(name, value);
	}

	/** Follows the redirect to the issuer. Returns the URL with which it sends the browser back. */
	async function atIssuer({ headers }: ApiResponse): Promise<string> {
		const answer = await fetch(headers['location'] ?? '', { redirect: 'manual' });
		return answer.headers.get('location') ?? '';
	}

	return {
		jar,
		get: (url: string, headers?: Readonly<Record<string, string>>) => ask('GET', url, headers),
		post: (url: string, headers?: Readonly<Record<string, string>>) =>
			ask('POST', url, { 'sec-fetch-site': 'same-origin', ...headers }),
		atIssuer,
		/** Begins a login, and returns the answer to the callback. */
		logIn: async (query = ''): Promise<ApiResponse> =>
			ask('GET', await atIssuer(await ask('GET', `/v1/login${query}`))),
		loginCookies: () => [...jar.keys()].filter((name) => name.startsWith('__Host-Http-login-')),
	};
}
