import { describe, expect, test } from 'vitest';
import type { CookieOptions } from '../../../../functions/session-server/deployment/browser-settings.ts';
import {
	clearedCookies,
	cookieTokens,
	copyCookie,
	copyIn,
	isSessionCookie,
	renewedAtSeconds,
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
		expect(tokenCookies(settingsFor(), nothing, 't', { kept: { maxAgeSeconds: 60 } })[0]).toMatch(/; Max-Age=60$/);
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

describe('the cookie of a carried copy', () => {
	const own = '__Host-Http-session-copy';
	const attributes = '; Secure; HttpOnly; Path=/; SameSite=Lax';
	const cleared = `${own}=${attributes}; Max-Age=0`;

	test.each<[string, CookieOptions]>([
		['by default', {}],
		['for strict use', { sameSite: 'strict' }],
		['for a domain', { domain: 'example.com' }],
		['for each other site', { sameSite: 'none', partitioned: true }],
		['under another name', { name: 'sid' }],
	])('%s has the prefix and the attributes of the session cookie, and is cleared with the same', (_what, options) => {
		const settings = settingsFor(options);
		const [token = ''] = tokenCookies(settings, nothing, 't');
		const copy = token.replace('=t;', '-copy=c;');
		expect(copyCookie(settings, 'c')).toBe(copy);
		expect(clearedCookies(settings, { cookies: [`${settings.name}-copy=c`] })).toEqual([
			`${copy.replace('=c;', '=;')}; Max-Age=0`,
		]);
	});

	test('never outlives the browser, also beside a session cookie that does', () => {
		const [, copy] = tokenCookies(settingsFor(), nothing, 't', { carried: 'c', kept: { maxAgeSeconds: 60 } });
		expect(copy).toBe(`${own}=c${attributes}`);
	});

	test('of another session is replaced or cleared with the session cookie', () => {
		const sent = { cookies: ['__Host-Http-session=old', `${own}=old`] };
		expect(tokenCookies(settingsFor(), sent, 't', { carried: 'c' })).toEqual([
			`__Host-Http-session=t${attributes}`,
			`${own}=c${attributes}`,
		]);
		expect(tokenCookies(settingsFor(), sent, 't')).toEqual([`__Host-Http-session=t${attributes}`, cleared]);
		expect(clearedCookies(settingsFor(), sent)).toEqual([clearedCookie, cleared]);
	});

	test('of a former setting is cleared and not read', () => {
		const settings = settingsFor({ domain: 'example.com' });
		const sent = { cookies: [`${own}=old`] };
		expect(copyIn(settings, sent)).toBeUndefined();
		expect(tokenCookies(settings, sent, 't')).toHaveLength(2);
		expect(clearedCookies(settings, sent)).toEqual([cleared]);
	});

	test.each([
		['is read among others', ['a=b', `${own}=c`, '__Host-Http-session=t'], 'c'],
		['is read from a repeated cookie', [`${own}=c`, `${own}=c`], 'c'],
		['is read with spaces around it', [` ${own} = c `], 'c'],
		['is not read from cookies that contradict each other', [`${own}=c`, `${own}=d`], undefined],
		['is not read from a longer name', [`${own}2=c`, `x${own}=c`], undefined],
		['is missing without one', ['__Host-Http-session=t'], undefined],
	])('%s', (_what, cookies, copy) => {
		expect(copyIn(settingsFor(), { cookies })).toBe(copy);
	});
});

describe('the cookie that says when a persistent one was renewed', () => {
	const own = '__Host-Http-session-renewed';
	const attributes = '; Secure; HttpOnly; Path=/; SameSite=Lax';
	const kept = { maxAgeSeconds: 60, renewedAtSeconds: 1_700_000_000 };

	test.each<[string, CookieOptions]>([
		['by default', {}],
		['for a domain', { domain: 'example.com' }],
		['for each other site', { sameSite: 'none', partitioned: true }],
		['under another name', { name: 'sid' }],
	])('%s has the prefix, the attributes and the maximum age of the session cookie', (_what, options) => {
		const settings = settingsFor(options);
		const [token = '', renewed] = tokenCookies(settings, nothing, 't', { kept });
		expect(renewed).toBe(token.replace('=t;', '-renewed=1700000000;'));
		expect(clearedCookies(settings, { cookies: [`${settings.name}-renewed=1`] })).toEqual([
			token.replace('=t;', '-renewed=;').replace('Max-Age=60', 'Max-Age=0'),
		]);
	});

	test('is cleared by a login whose cookie nothing renews', () => {
		const sent = { cookies: [`${own}=1700000000`] };
		const cleared = `${own}=${attributes}; Max-Age=0`;
		expect(tokenCookies(settingsFor(), sent, 't')).toEqual([`__Host-Http-session=t${attributes}`, cleared]);
		expect(tokenCookies(settingsFor(), sent, 't', { kept: { maxAgeSeconds: 60 } })[1]).toBe(cleared);
		expect(clearedCookies(settingsFor({ domain: 'example.com' }), sent)).toEqual([cleared]);
	});

	test.each<[string[], number | undefined]>([
		[['a=b', `${own}=1700000000`], 1_700_000_000],
		[[`${own}=1`, `${own}=1`], 1],
		[[`${own}=1`, `${own}=2`], undefined],
		[[`${own}=`], undefined],
		[[`${own}=-1`], undefined],
		[[`${own}=1e9`], undefined],
		[[`${own}=${'9'.repeat(13)}`], undefined],
		[[`${own}2=1`, '__Host-session-renewed=1'], undefined],
		[[], undefined],
	])('of %j is %s', (cookies, at) => {
		expect(renewedAtSeconds(settingsFor(), { cookies })).toBe(at);
	});
});

test.each([
	['__Host-Http-session=x', true],
	['__Host-session=x', true],
	[' __Host-session = x; Path=/', true],
	['__Host-Http-session', true],
	['=__Host-session=x', true],
	['\u00a0__Host-Http-session=x', true],
	['__Host-Http-session-copy=x', true],
	['__Host-session-copy=x', true],
	['__Host-Http-session-copy', true],
	['__Host-Http-session-renewed=1', true],
	['__Host-session-renewed=1', true],
	['__Host-Http-session-other=x', false],
	['a=__Host-session', false],
	['__Secure-session=x', false],
])(
	'a service gets and sets no session cookie, and no copy, under any name that is read: %s is one: %s',
	(cookie, isOne) => {
		expect(isSessionCookie(settingsFor(), cookie)).toBe(isOne);
	},
);
