/** A request to the API, free of the shape of what carried it. */
export interface ApiRequest {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	/** By lowercase name. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	/** `name=value`, one each. */
	readonly cookies: readonly string[];
	/** What `query` was decoded from, for who passes it on. */
	readonly rawQuery?: string;
	/** As it was sent; empty when there is none. */
	readonly body: Uint8Array;
	/** What is left of the time in which it has to be answered, where there is a limit. */
	readonly leftMs?: () => number;
}

export interface ApiResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly cookies?: readonly string[];
	readonly body?: string;
	/** The body, where it may be anything but text. */
	readonly bodyBytes?: Uint8Array;
}

/** Nothing that the API says may be kept by a cache (OWASP Session Management Cheat Sheet, web content caching). */
const always = { 'cache-control': 'no-store' } as const;

export function jsonResponse(
	status: number,
	value: unknown,
	headers: Readonly<Record<string, string>> = {},
): ApiResponse {
	return {
		status,
		headers: { ...always, 'content-type': 'application/json', ...headers },
		body: JSON.stringify(value),
	};
}

export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = {}): ApiResponse {
	return { status, headers: { ...always, ...headers } };
}
