import * as v from 'valibot';
import { type Environment, json, VariableError } from '../../system/environment.ts';

/** How browsers may use the API. Every function that decides about sessions has the same. */
export interface BrowserSettings {
	/**
	 * The origins whose pages may call the API with credentials and read its answers (Fetch standard,
	 * CORS), as browsers write them.
	 */
	readonly origins: ReadonlySet<string>;
	readonly cookie: CookieSettings;
}

/** How the session cookie is written. It is always `Secure` and `HttpOnly`, with `Path=/`. */
export interface CookieSettings {
	readonly name: string;
	/** The host that may use the cookie with all hosts below it. Undefined: the API's host alone. */
	readonly domain: string | undefined;
	readonly sameSite: 'lax' | 'strict' | 'none';
	/** Whether each top-level site has its own cookie (CHIPS). */
	readonly partitioned: boolean;
	/**
	 * A persistent cookie lasts for as long as the session may go unused, and is renewed at most once
	 * in this time. Undefined: it lasts for as long as the session may last, and is never renewed.
	 */
	readonly renewalSeconds: number | undefined;
}

/** The settings as variables. */
export interface BrowserVariables {
	/** JSON array of at most 50 origins, such as `https://app.example.com`. @default [] */
	LEASEHOLD_ORIGINS?: string;
	/** JSON object with fields of `cookieSchema`. @default {} */
	LEASEHOLD_COOKIE?: string;
}

/** A team has few applications, each at a few hosts. A longer list is a mistake. */
const originsMax = 50;

/**
 * `__Host-` cookies are Secure, for every path, and for the host that set them alone (RFC 6265bis).
 * With `__Host-Http-`, no script can set one either. Browsers that do not know the longer prefix
 * still apply the shorter one, because the name begins with it.
 *
 * A partitioned cookie has another name, so that it cannot meet an unpartitioned one with another
 * token. A browser would send both.
 */
const defaultNames = {
	own: '__Host-Http-session',
	partitioned: '__Host-Http-partitioned-session',
	domain: '__Secure-session',
} as const;

/** The names under which earlier releases, or other settings of this one, set the cookie. */
export const formerCookieNames: readonly string[] = [defaultNames.own, '__Host-session'];

/** With less, nearly every answer would set the cookie. No session lasts longer than 30 days. */
const [renewalSecondsMin, renewalSecondsMax] = [60, 30 * 86_400];
const renewalExpected = `must be a whole number of seconds, from ${renewalSecondsMin} to ${renewalSecondsMax}`;

/** The fields of the setting `cookie`. */
export const cookieSchema = v.strictObject({
	name: v.optional(
		v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens and underscores')),
	),
	domain: v.optional(v.string()),
	sameSite: v.optional(v.picklist(['lax', 'strict', 'none'], 'must be lax, strict or none')),
	partitioned: v.optional(v.boolean()),
	renewalSeconds: v.optional(
		v.pipe(
			v.number(renewalExpected),
			v.integer(renewalExpected),
			v.minValue(renewalSecondsMin, renewalExpected),
			v.maxValue(renewalSecondsMax, renewalExpected),
		),
	),
});

export type CookieOptions = Readonly<v.InferOutput<typeof cookieSchema>>;

/** @throws `VariableError` that names the wrong variable and field, and says what to write. */
export function parseBrowserSettings(environment: Environment): BrowserSettings {
	const origins = environment['LEASEHOLD_ORIGINS'] ? parseOrigins(json(environment, 'LEASEHOLD_ORIGINS')) : new Set('');
	const options = environment['LEASEHOLD_COOKIE'] ? json(environment, 'LEASEHOLD_COOKIE') : {};
	return { origins, cookie: parseCookie(options, origins) };
}

function parseOrigins(value: unknown): ReadonlySet<string> {
	if (!Array.isArray(value) || value.length > originsMax)
		throw new VariableError('LEASEHOLD_ORIGINS', `must be a list of at most ${originsMax} origins`);
	for (const [index, origin] of value.entries()) {
		const problem = originProblem(origin);
		if (problem !== undefined) throw new VariableError('LEASEHOLD_ORIGINS', problem, String(index));
	}
	return new Set(value);
}

/**
 * Why a value is no origin as browsers write it. Origins are compared by character, so another
 * spelling would never match.
 */
function originProblem(value: unknown): string | undefined {
	const example = 'must be an origin such as https://app.example.com';
	if (typeof value !== 'string') return example;
	if (value.includes('*')) return `${example}: there are no patterns, so list each origin`;
	const url = URL.parse(value);
	if (url === null || !/^https?:$/.test(url.protocol)) return example;
	if (url.origin !== value) return `must be written as ${url.origin}`;
	if (!/^([a-z0-9_-]+\.)*[a-z0-9_-]+$|^\[[0-9a-f:]+\]$/.test(url.hostname)) return example;
	if (url.protocol === 'http:' && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
		return 'must begin with https, because anyone on the network path can change a page without TLS';
	return undefined;
}

function parseCookie(value: unknown, origins: ReadonlySet<string>): CookieSettings {
	const result = v.safeParse(cookieSchema, value);
	if (!result.success) {
		const [issue] = result.issues;
		throw new VariableError('LEASEHOLD_COOKIE', issue.message, v.getDotPath(issue) ?? undefined);
	}
	const { domain, sameSite = 'lax', partitioned = false, renewalSeconds } = result.output;
	const ofSettings = partitioned ? defaultNames.partitioned : defaultNames.own;
	const cookie = {
		name: result.output.name ?? (domain === undefined ? ofSettings : defaultNames.domain),
		domain,
		sameSite,
		partitioned,
		renewalSeconds,
	};
	const [field, problem] = cookieProblem(cookie, origins) ?? [];
	if (problem !== undefined) throw new VariableError('LEASEHOLD_COOKIE', problem, field);
	return cookie;
}

/** Combinations that no browser would accept, or that would have no effect. */
function cookieProblem(
	{ name, domain, sameSite, partitioned }: CookieSettings,
	origins: ReadonlySet<string>,
): readonly [field: string, problem: string] | undefined {
	if (domain !== undefined && /^__host-/i.test(name))
		return ['name', `must not begin with __Host- if there is a domain: browsers refuse both together`];
	const wrongDomain = domain === undefined ? undefined : domainProblem(domain);
	if (wrongDomain !== undefined) return ['domain', wrongDomain];
	if (sameSite === 'none' && origins.size === 0)
		return ['sameSite', 'must not be none without origins: there is no page of another site that could use the cookie'];
	if (partitioned && sameSite !== 'none')
		return ['partitioned', 'needs sameSite none: without it, no page of another site has the cookie'];
	return undefined;
}

function domainProblem(domain: string): string | undefined {
	if (!/^([a-z0-9-]+\.)*[a-z0-9-]+$/.test(domain) || /^[\d.]+$/.test(domain))
		return 'must be a host name such as example.com, in lower case and without a dot in front';
	// Browsers have the whole list (publicsuffix.org). These are the names that are tried most.
	if (
		!domain.includes('.') ||
		/^(co|com|net|org|gov|edu)\.[a-z]{2}$|(^|\.)(amazonaws\.com|cloudfront\.net)$/.test(domain)
	)
		return 'must be a domain of your own: browsers accept no cookie for a domain in which anyone can have a host';
	return undefined;
}
