import { describe, expect, test } from 'vitest';
import type { CookieOptions } from '../../../../functions/session-server/deployment/browser-settings.ts';
import {
	clearedCookies,
	cookieTokens,
	isSessionCookie,
	tokenCookies,
} from '../../../../functions/session-server/http/session-cookie.ts';
import { browserSettings, clearedCookie } from '../../../support/browser-settings.ts';

const settingsFor = (options: CookieOptions = {}) => browserSettings(['https://app.example.com'], options).cookie;
const nothing = { cookies: [] };

describe('the session cookie', () => {
	test.each<[string, CookieOptions, string]>([
		['by default', {}, '__Host-Http-session=t; Secure; HttpOnly; Path=/; SameSite=Lax'],
		['for strict use', { sameSite: 'strict' }, '__Host-Http-session=t; Secure; HttpOnly; Path=/; SameSite=Strict'],
		[
			'for a domain',
			{ domain: 'example.com' },
			'__Secure-session=t; Secure; HttpOnly; Path=/; SameSite=Lax; Domain=example.com',
		],
		['for other sites', { sameSite: 'none' }, '__Host-Http-session=t; Secure; HttpOnly; Path=/; SameSite=None'],
		[
			'for each other site',
			{ sameSite: 'none', partitioned: true },
			'__Host-Http-partitioned-session=t; Secure; HttpOnly; Path=/; SameSite=None; Partitioned',
		],
		['under another name', { name: 'sid' }, 'sid=t; Secure; HttpOnly; Path=/; SameSite=Lax'],
	])('%s has the attributes that belong to it, and is cleared with the same', (_what, options, expected) => {
		const settings = settingsFor(options);
		expect(tokenCookies(settings, nothing, 't')).toEqual([expected]);
		const cleared = `${expected.replace('=t;', '=;')}; Max-Age=0`;
		expect(clearedCookies(settings, { cookies: [`${settings.name}=t`] })).toEqual([cleared]);
	});

	test('outlives the browser only if it has a maximum age', () => {
		expect(tokenCookies(settingsFor(), nothing, 't', 60)[0]).toMatch(/; Max-Age=60$/);
		expect(tokenCookies(settingsFor(), nothing, 't')[0]).not.toMatch(/Max-Age|Expires/i);
	});
});

describe('a cookie under a former name', () => {
	const old = '__Host-session=old';

	test.each([
		['counts alone', [old], ['old']],
		['does not count beside one with the present name', [old, '__Host-Http-session=new'], ['new']],
		['counts beside an empty one with the present name', [old, '__Host-Http-session='], ['old']],
		['with two tokens is two', [old, '__Host-session=older'], ['old', 'older']],
		['does not hide two with the present name', ['__Host-Http-session=a', old, '__Host-Http-session=b'], ['a', 'b']],
		['may be empty', ['__Host-session='], ['']],
		['does not count behind a space that browsers keep', ['\u2000__Host-Http-session=x', '\u00a0__Host-session=x'], []],
		['of a weaker setting does not count', ['__Secure-session=x', 'session=x'], []],
	])('%s', (_what, cookies, tokens) => {
		expect(cookieTokens(settingsFor(), { cookies })).toEqual(tokens);
	});

	test('counts also if the present name is weaker', () => {
		const settings = settingsFor({ domain: 'example.com' });
		expect(cookieTokens(settings, { cookies: ['__Host-Http-session=strong'] })).toEqual(['strong']);
		expect(cookieTokens(settings, { cookies: ['__Host-Http-session=strong', '__Secure-session=now'] })).toEqual([
			'now',
		]);
	});

	test('is replaced by a login, and cleared by a logout', () => {
		const cleared = '__Host-session=; Secure; HttpOnly; Path=/; SameSite=Lax; Max-Age=0';
		const [first, second] = tokenCookies(settingsFor(), { cookies: [old] }, 't');
		expect([first, second]).toEqual([cleared, expect.stringMatching(/^__Host-Http-session=t;/)]);
		expect(clearedCookies(settingsFor(), { cookies: [old] })).toEqual([cleared]);
		expect(clearedCookies(settingsFor(), { cookies: [old, '__Host-Http-session=t'] })).toEqual([
			cleared,
			clearedCookie,
		]);
		expect(clearedCookies(settingsFor(), { cookies: ['theme=dark'] })).toEqual([]);
	});
});

test.each([
	['__Host-Http-session=x', true],
	['__Host-session=x', true],
	[' __Host-session = x; Path=/', true],
	['__Host-Http-session', true],
	['=__Host-session=x', true],
	['\u00a0__Host-Http-session=x', true],
	['a=__Host-session', false],
	['__Secure-session=x', false],
])('a service gets and sets no session cookie under any name that is read: %s is one: %s', (cookie, isOne) => {
	expect(isSessionCookie(settingsFor(), cookie)).toBe(isOne);
});
