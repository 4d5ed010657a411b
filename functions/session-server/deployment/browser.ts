import { type Environment, json, VariableError } from '../../system/environment.ts';

export interface BrowserVariables {
	/**
	 * JSON array of the origins to which a login or a logout may return, besides the API's own. Each
	 * is exact, such as `https://app.example.com`. At most 50.
	 *
	 * @default []
	 */
	LEASEHOLD_ORIGINS?: string;
	/**
	 * The address at which browsers reach the API, without `/v1`. Needed behind a proxy that changes
	 * the host, and below a path.
	 *
	 * @default the host of each request
	 */
	LEASEHOLD_PUBLIC_URL?: string;
}

/** Where the browsers of users are, and where they may be sent. */
export interface BrowserSettings {
	readonly origins: ReadonlySet<string>;
	/** Without a slash at its end. */
	readonly publicUrl: string | undefined;
}

const originsMax = 50;

/** @throws an error that names the wrong variable. */
export function parseBrowserSettings(environment: Environment): BrowserSettings {
	return { origins: parseOrigins(environment), publicUrl: parsePublicUrl(environment) };
}

function parseOrigins(environment: Environment): ReadonlySet<string> {
	if (!environment['LEASEHOLD_ORIGINS']) return new Set();
	const origins = json(environment, 'LEASEHOLD_ORIGINS');
	if (!Array.isArray(origins) || origins.length > originsMax || !origins.every(isOrigin))
		throw new VariableError(
			'LEASEHOLD_ORIGINS',
			`must be a JSON array of at most ${originsMax} origins such as "https://app.example.com"`,
		);
	return new Set(origins);
}

function isOrigin(text: unknown): text is string {
	return typeof text === 'string' && /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

function parsePublicUrl(environment: Environment): string | undefined {
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
