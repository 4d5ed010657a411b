import { carriedTextMax } from '../../carried/carried-copy.ts';
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
 * The text in the cookie of the carried copy. There is none if cookies of that name contradict each
 * other. No former name is read, because the next answers give a copy under the present one.
 */
export function copyIn(cookie: CookieSettings, { cookies }: Pick<ApiRequest, 'cookies'>): string | undefined {
	const name = copyNameOf(cookie.name);
	const [copy, ...others] = new Set(cookies.filter((pair) => nameIn(pair) === name).map(valueIn));
	return others.length > 0 ? undefined : copy;
}

/**
 * A text that may be a copy to carry. One that cannot be is left out in both directions. It is no
 * reason to refuse a request.
 */
export function carriable(text: string | undefined): string | undefined {
	return text !== undefined && text.length <= carriedTextMax && /^[A-Za-z0-9_.-]+$/.test(text) ? text : undefined;
}

/**
 * Whether a browser may take this cookie, from a `cookie` or a `set-cookie` header, for the session
 * cookie or for that of the carried copy. Browsers trim names (RFC 6265 section 5.2). They send a
 * cookie without a name as its value alone, which may look like another cookie. A service may trim
 * more than browsers.
 */
export function isSessionCookie(settings: CookieSettings, cookie: string): boolean {
	const [pair = ''] = cookie.split(';', 1);
	const name = nameIn(pair).trim();
	return namesOf(settings).some(
		(own) => name === own || name === copyNameOf(own) || (name === '' && pair.includes(own)),
	);
}

/**
 * The headers that give the browser a token and its copy, if it has one, in place of those that the
 * browser sent. They clear the cookies under former names.
 *
 * @param maxAgeSeconds the lifetime of the session cookie. Without it, the browser deletes the
 * cookie when it closes.
 */
export function tokenCookies(
	settings: CookieSettings,
	request: Pick<ApiRequest, 'cookies'>,
	token: string,
	{
		carried,
		maxAgeSeconds,
	}: { readonly carried?: string | undefined; readonly maxAgeSeconds?: number | undefined } = {},
): readonly string[] {
	const copy = carriable(carried);
	return [
		...clearFormer(settings, request),
		setCookie(settings, token, maxAgeSeconds),
		...(copy === undefined ? clearCopy(settings, request) : [copyCookie(settings, copy)]),
	];
}

/**
 * The header that gives the browser a copy to carry. The cookie has the prefix and the attributes
 * of the session cookie. It has no maximum age, because later answers renew a copy that was lost.
 */
export function copyCookie(settings: CookieSettings, copy: string): string {
	return setCookie(copySettings(settings), copy);
}

/** The headers that make the browser delete the session cookies, and their copies, that it sent. */
export function clearedCookies(settings: CookieSettings, request: Pick<ApiRequest, 'cookies'>): readonly string[] {
	const hasOwn = request.cookies.some((pair) => nameIn(pair) === settings.name);
	return [
		...clearFormer(settings, request),
		...(hasOwn ? [setCookie(settings, '', 0)] : []),
		...clearCopy(settings, request),
	];
}

function clearCopy(settings: CookieSettings, request: Pick<ApiRequest, 'cookies'>): readonly string[] {
	const copy = copySettings(settings);
	return request.cookies.some((pair) => nameIn(pair) === copy.name) ? [setCookie(copy, '', 0)] : [];
}

function clearFormer(settings: CookieSettings, { cookies }: Pick<ApiRequest, 'cookies'>): readonly string[] {
	const sent = new Set(cookies.map(nameIn));
	return formerNames(settings)
		.flatMap((name) => [name, copyNameOf(name)])
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

function copySettings(settings: CookieSettings): CookieSettings {
	return { ...settings, name: copyNameOf(settings.name) };
}

/** A name with the same prefix, for which browsers have the same rules. */
function copyNameOf(name: string): string {
	return `${name}-copy`;
}

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
