import { type Environment, VariableError } from '../../system/environment.ts';

export interface PublicUrlVariables {
	/**
	 * The address at which browsers reach the API, without `/v1`. Needed behind a proxy that changes
	 * the host, and below a path.
	 *
	 * @default the host of each request
	 */
	LEASEHOLD_PUBLIC_URL?: string;
}

/** @throws `VariableError` */
export function parsePublicUrl(environment: Environment): string | undefined {
	const text = environment['LEASEHOLD_PUBLIC_URL'];
	if (!text) return undefined;
	const url = URL.parse(text);
	if (
		url === null ||
		!isPublic(url) ||
		url.search !== '' ||
		url.hash !== '' ||
		url.username !== '' ||
		url.password !== ''
	)
		throw new VariableError('LEASEHOLD_PUBLIC_URL', 'must be a URL such as https://example.com/sessions');
	return url.href.replace(/\/$/, '');
}

/** Without TLS, everybody on the way can read a login. Only the own machine needs none. */
function isPublic({ protocol, hostname }: URL): boolean {
	return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname));
}
