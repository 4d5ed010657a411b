import { hash } from 'node:crypto';
import type { Keyring } from '../../../access/keyring.ts';
import type { ApiRequest } from '../exchange.ts';
import { open, pendingLoginMs } from './sealed-login.ts';

/**
 * Browsers that know this prefix accept only a cookie that a response has set, as HttpOnly, Secure
 * and host-only. The others know its beginning, `__Host-`.
 */
const prefix = '__Host-Http-login-';

/** With more tabs than these, the oldest login is forgotten. API Gateway takes 10 kB of headers. */
const pendingLoginsMax = 3;

/** Each login has its own cookie, so that two tabs can log in at once. */
export function loginCookieName(state: string): string {
	return prefix + hash('sha256', state, 'base64url').slice(0, 12);
}

/**
 * `Lax`, because the browser comes back from another site. A `Strict` cookie would not be sent.
 */
export function loginCookie(name: string, sealed: string): string {
	return setCookie(name, sealed, pendingLoginMs / 1_000);
}

export function clearedLoginCookie(name: string): string {
	return setCookie(name, '', 0);
}

function setCookie(name: string, value: string, maxAgeSeconds: number): string {
	return `${name}=${value}; Secure; HttpOnly; Path=/; SameSite=Lax; Max-Age=${maxAgeSeconds}`;
}

/**
 * Whether a browser may take this cookie, from a `cookie` or a `set-cookie` header, for a login's.
 * `isSessionCookie` has the reasons.
 */
export function isLoginCookie(cookie: string): boolean {
	const [pair = ''] = cookie.split(';', 1);
	const name = pair.slice(0, Math.max(0, pair.indexOf('='))).trim();
	return name.startsWith(prefix) || (name === '' && pair.includes(prefix));
}

/** The values of the request's cookie of this name. */
export function loginCookieValues({ cookies }: Pick<ApiRequest, 'cookies'>, name: string): readonly string[] {
	return cookies.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

/**
 * The names of login cookies that make room for one more: those that do not open, then the oldest.
 */
export function surplusLoginCookies(
	request: Pick<ApiRequest, 'cookies'>,
	keyring: Keyring,
	nowMs: number,
): readonly string[] {
	const pairs = request.cookies.filter((pair) => pair.startsWith(prefix) && pair.includes('='));
	const begun = pairs.map((pair) => {
		const name = pair.slice(0, pair.indexOf('='));
		return { name, atMs: open(keyring, name, pair.slice(name.length + 1), nowMs)?.begunAtMs };
	});
	const dead = begun.filter(({ atMs }) => atMs === undefined);
	const live = begun.filter(({ atMs }) => atMs !== undefined).sort((a, b) => Number(a.atMs) - Number(b.atMs));
	const oldest = live.slice(0, Math.max(0, live.length - pendingLoginsMax + 1));
	return [...new Set([...dead, ...oldest].map(({ name }) => name).filter((name) => /^[\w-]{1,64}$/.test(name)))];
}
