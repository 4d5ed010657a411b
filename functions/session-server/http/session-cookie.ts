import { type CookieSettings, formerCookieNames } from '../deployment/browser-settings.ts';
import { type ApiRequest, trimCookie } from './exchange.ts';

/**
 * The different tokens in the session cookies of a request. Those under the configured name count
 * alone. Only if there are none, those under a former name count: so a session outlives an upgrade,
 * and a cookie that a script has planted under the former name takes no one's place.
 *
 * An empty cookie counts only if there is no other.
 */
export function cookieTokens(cookie: CookieSettings, { cookies }: Pick<ApiRequest, 'cookies'>): readonly string[] {
	let empty: readonly string[] = [];
	for (const name of namesOf(cookie)) {
		const values = [...new Set(cookies.filter((pair) => nameIn(pair) === name).map(valueIn))];
		const tokens = values.filter((value) => value !== '');
		if (tokens.length > 0) return tokens;
		if (values.length > 0) empty = values;
	}
	return empty;
}

/**
 * Whether a browser may take this cookie, from a `cookie` or a `set-cookie` header, for the session
 * cookie. Browsers trim names (RFC 6265 section 5.2). They send a cookie without a name as its
 * value alone, which may look like another cookie. A service may trim more than browsers.
 */
export function isSessionCookie(settings: CookieSettings, cookie: string): boolean {
	const [pair = ''] = cookie.split(';', 1);
	const name = nameIn(pair).trim();
	return namesOf(settings).some((own) => name === own || (name === '' && pair.includes(own)));
}

/**
 * The headers that give the browser a token, and clear the cookies under former names that it sent.
 *
 * @param maxAgeSeconds the lifetime of the cookie. Without it, the browser deletes the cookie when
 * it closes.
 */
export function tokenCookies(
	settings: CookieSettings,
	request: Pick<ApiRequest, 'cookies'>,
	token: string,
	maxAgeSeconds?: number,
): readonly string[] {
	return [...clearFormer(settings, request), setCookie(settings, token, maxAgeSeconds)];
}

/** The headers that make the browser delete the session cookies that it sent. */
export function clearedCookies(settings: CookieSettings, request: Pick<ApiRequest, 'cookies'>): readonly string[] {
	const hasOwn = request.cookies.some((pair) => nameIn(pair) === settings.name);
	return [...clearFormer(settings, request), ...(hasOwn ? [setCookie(settings, '', 0)] : [])];
}

function clearFormer(settings: CookieSettings, { cookies }: Pick<ApiRequest, 'cookies'>): readonly string[] {
	const sent = new Set(cookies.map(nameIn));
	return formerNames(settings)
		.filter((name) => sent.has(name))
		.map((name) => setCookie({ name, domain: undefined, sameSite: 'lax', partitioned: false }, '', 0));
}

function setCookie(
	{ name, domain, sameSite, partitioned }: CookieSettings,
	token: string,
	maxAgeSeconds?: number,
): string {
	return [
		`${name}=${token}`,
		'Secure',
		'HttpOnly',
		'Path=/',
		`SameSite=${sameSiteValues[sameSite]}`,
		...(domain === undefined ? [] : [`Domain=${domain}`]),
		...(partitioned ? ['Partitioned'] : []),
		...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
	].join('; ');
}

const sameSiteValues = { lax: 'Lax', strict: 'Strict', none: 'None' } as const;

function namesOf(settings: CookieSettings): readonly string[] {
	return [settings.name, ...formerNames(settings)];
}

function formerNames({ name }: CookieSettings): readonly string[] {
	return formerCookieNames.filter((former) => former !== name);
}

/** The trimmed name in `name=value`. Empty if there is none. */
function nameIn(pair: string): string {
	return trimCookie(pair.slice(0, Math.max(0, pair.indexOf('='))));
}

function valueIn(pair: string): string {
	return pair.slice(pair.indexOf('=') + 1).trim();
}
