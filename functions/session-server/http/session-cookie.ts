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
 * cookie or one that belongs to it. Browsers trim names (RFC 6265 section 5.2). They send a cookie
 * without a name as its value alone, which may look like another cookie. A service may trim more
 * than browsers.
 */
export function isSessionCookie(settings: CookieSettings, cookie: string): boolean {
	const [pair = ''] = cookie.split(';', 1);
	const name = nameIn(pair).trim();
	return namesOf(settings).some(
		(own) => name === own || companionsOf(own).includes(name) || (name === '' && pair.includes(own)),
	);
}

/** How long a browser keeps the session cookie. */
export interface Kept {
	readonly maxAgeSeconds: number;
	/** The time that the browser remembers, if later answers renew the cookie. */
	readonly renewedAtSeconds?: number;
}

/**
 * The headers that give the browser a token and its copy, if it has one, in place of those that the
 * browser sent. They clear the cookies under former names.
 *
 * @param kept if missing, the browser deletes the session cookie when it closes
 */
export function tokenCookies(
	settings: CookieSettings,
	request: Pick<ApiRequest, 'cookies'>,
	token: string,
	{ carried, kept }: { readonly carried?: string | undefined; readonly kept?: Kept | undefined } = {},
): readonly string[] {
	const copy = carriable(carried);
	return [
		...clearFormer(settings, request),
		...keptCookies(settings, request, token, kept),
		...(copy === undefined
			? clearCompanion(settings, request, copyNameOf(settings.name))
			: [copyCookie(settings, copy)]),
	];
}

/**
 * The headers that give the browser a token, and the time from which it is kept. That time is in a
 * cookie beside it, so that the next answers know when to renew both. A client can write any time
 * into it. Then it keeps its own cookie for longer or shorter, and the session lasts no longer.
 */
export function keptCookies(
	settings: CookieSettings,
	request: Pick<ApiRequest, 'cookies'>,
	token: string,
	kept: Kept | undefined,
): readonly string[] {
	const name = renewedNameOf(settings.name);
	return [
		setCookie(settings, token, kept?.maxAgeSeconds),
		...(kept?.renewedAtSeconds === undefined
			? clearCompanion(settings, request, name)
			: [setCookie({ ...settings, name }, String(kept.renewedAtSeconds), kept.maxAgeSeconds)]),
	];
}

/**
 * When the session cookie was set or renewed last, in seconds since the Unix epoch. Undefined if no
 * answer renews it, or if cookies contradict each other.
 */
export function renewedAtSeconds(
	{ name }: CookieSettings,
	{ cookies }: Pick<ApiRequest, 'cookies'>,
): number | undefined {
	const [text = '', ...others] = new Set(cookies.filter((pair) => nameIn(pair) === renewedNameOf(name)).map(valueIn));
	return others.length === 0 && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/**
 * The header that gives the browser a copy to carry. The cookie has the prefix and the attributes
 * of the session cookie. It has no maximum age, because later answers renew a copy that was lost.
 */
export function copyCookie(settings: CookieSettings, copy: string): string {
	return setCookie({ ...settings, name: copyNameOf(settings.name) }, copy);
}

/** The headers that make the browser delete the session cookies and companions that it sent. */
export function clearedCookies(settings: CookieSettings, request: Pick<ApiRequest, 'cookies'>): readonly string[] {
	const hasOwn = request.cookies.some((pair) => nameIn(pair) === settings.name);
	return [
		...clearFormer(settings, request),
		...(hasOwn ? [setCookie(settings, '', 0)] : []),
		...companionsOf(settings.name).flatMap((name) => clearCompanion(settings, request, name)),
	];
}

function clearCompanion(
	settings: CookieSettings,
	request: Pick<ApiRequest, 'cookies'>,
	name: string,
): readonly string[] {
	return request.cookies.some((pair) => nameIn(pair) === name) ? [setCookie({ ...settings, name }, '', 0)] : [];
}

function clearFormer(settings: CookieSettings, { cookies }: Pick<ApiRequest, 'cookies'>): readonly string[] {
	const sent = new Set(cookies.map(nameIn));
	return formerNames(settings)
		.flatMap((name) => [name, ...companionsOf(name)])
		.filter((name) => sent.has(name))
		.map((name) => setCookie({ name, domain: undefined, sameSite: 'lax', partitioned: false }, '', 0));
}

function setCookie(
	{ name, domain, sameSite, partitioned }: Omit<CookieSettings, 'renewalSeconds'>,
	value: string,
	maxAgeSeconds?: number,
): string {
	return [
		`${name}=${value}`,
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

/** A name with the same prefix, for which browsers have the same rules. */
function copyNameOf(name: string): string {
	return `${name}-copy`;
}

function renewedNameOf(name: string): string {
	return `${name}-renewed`;
}

/** The names of the cookies that belong to the session cookie `name`. */
function companionsOf(name: string): readonly string[] {
	return [copyNameOf(name), renewedNameOf(name)];
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
