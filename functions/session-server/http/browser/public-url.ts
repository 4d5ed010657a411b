import type { ApiRequest } from '../exchange.ts';

/**
 * The address at which the browser reaches the API, without `/v1` and without a slash at its end.
 * Without a configured one it is that of the request. Nobody can make the browser of somebody else
 * send another host.
 */
export function publicUrlOf(
	{ headers }: Pick<ApiRequest, 'headers'>,
	configured: string | undefined,
): string | undefined {
	if (configured !== undefined) return configured;
	const { host = '' } = headers;
	if (!/^([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/i.test(host)) return undefined;
	const scheme = headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
	return URL.parse(`${scheme}://${host}`)?.origin;
}
