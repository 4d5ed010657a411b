import { pageHeaders } from './html.ts';

/** An answer of the issuer. */
export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

export function showPage(body: string, status = 200, headers: Answer['headers'] = {}): Answer {
	return { status, headers: { ...pageHeaders, ...headers }, body };
}

/** @param parameters those that are `undefined` are left out */
export function redirectTo(
	uri: string,
	parameters: Readonly<Record<string, string | undefined>>,
	headers: Answer['headers'] = {},
): Answer {
	const url = new URL(uri);
	for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.append(name, value);
	return { status: 303, headers: { location: url.href, 'cache-control': 'no-store', ...headers }, body: '' };
}

export function json(status: number, body: unknown, headers: Answer['headers'] = {}): Answer {
	return {
		status,
		headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
		body: JSON.stringify(body),
	};
}

/** An error of the token endpoint (RFC 6749 section 5.2). */
export function oauthError(status: number, error: string, description: string): Answer {
	const headers = status === 401 ? { 'www-authenticate': 'Basic realm="local issuer"' } : {};
	return json(status, { error, error_description: description }, headers);
}
