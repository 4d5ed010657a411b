import { describe, expect, test } from 'vitest';
import {
	bearerToken,
	clearedCookie,
	isSameSite,
	presentedToken,
	tokenCookie,
} from '../../../../functions/session-server/http/session-token.ts';
import { apiRequest } from '../../../support/api-request.ts';

describe('the bearer token of a request', () => {
	test.each([
		['Bearer abc', 'abc'],
		['bearer abc', 'abc'],
		['BEARER abc', 'abc'],
		['Bearer   abc  ', 'abc'],
		['Bearer a.b-c_d~e+f/g=', 'a.b-c_d~e+f/g='],
		['Bearer', undefined],
		['Bearer ', undefined],
		['Bearer a b', undefined],
		['Bearerabc', undefined],
		['Basic abc', undefined],
		['Basic Bearer abc', undefined],
		['', undefined],
	])('of "%s" is %s', (authorization, token) => {
		expect(bearerToken(apiRequest({ headers: { authorization } }))).toBe(token);
	});

	test('is none where there is no such header', () => {
		expect(bearerToken(apiRequest())).toBeUndefined();
	});
});

describe('the token that a request presents', () => {
	const cookie = '__Host-session=fromcookie';
	const authorization = 'Bearer frombearer';

	test.each([
		['comes from the cookie', {}, [cookie], { text: 'fromcookie', by: 'cookie' }],
		['comes from the cookie among others', {}, ['a=b', cookie, 'c=d'], { text: 'fromcookie', by: 'cookie' }],
		['comes from the header', { authorization }, [], { text: 'frombearer', by: 'bearer' }],
		[
			'comes from the header where there is a cookie too',
			{ authorization },
			[cookie],
			{ text: 'frombearer', by: 'bearer' },
		],
		[
			'comes from the cookie where the header is for another scheme',
			{ authorization: 'Basic x' },
			[cookie],
			{ text: 'fromcookie', by: 'cookie' },
		],
		[
			'comes from the first of two cookies',
			{},
			[cookie, '__Host-session=second'],
			{ text: 'fromcookie', by: 'cookie' },
		],
		['is empty with an empty cookie', {}, ['__Host-session='], { text: '', by: 'cookie' }],
		['keeps what looks like an attribute in it', {}, ['__Host-session=a=b'], { text: 'a=b', by: 'cookie' }],
		['is not a cookie without the prefix', {}, ['session=x'], undefined],
		['is not a cookie with a longer name', {}, ['__Host-session2=x', 'x__Host-session=y'], undefined],
		['is not a cookie with another case', {}, ['__host-session=x'], undefined],
		['is none without either', {}, [], undefined],
	] as const)('%s', (_what, headers, cookies, presented) => {
		expect(presentedToken(apiRequest({ headers, cookies }))).toEqual(presented);
	});
});

describe('the cookie', () => {
	const attributesOf = (cookie: string) => cookie.split('; ').slice(1).sort();

	test('is for this host and path alone, over TLS, out of reach of scripts and of other sites', () => {
		expect(tokenCookie('abc').split('; ')[0]).toBe('__Host-session=abc');
		expect(attributesOf(tokenCookie('abc'))).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
	});

	test('outlives the browser only if asked to', () => {
		expect(attributesOf(tokenCookie('abc', 60))).toContain('Max-Age=60');
		expect(tokenCookie('abc')).not.toMatch(/Max-Age|Expires/i);
	});

	test('is cleared with the attributes that it was set with', () => {
		expect(clearedCookie.split('; ')[0]).toBe('__Host-session=');
		expect(attributesOf(clearedCookie)).toEqual([...attributesOf(tokenCookie('abc')), 'Max-Age=0'].sort());
	});
});

describe('a change that only a cookie vouches for', () => {
	test.each([
		['with a header that no form can send', { 'x-requested-with': 'fetch' }, true],
		['with that header, even from another site', { 'x-requested-with': '', 'sec-fetch-site': 'cross-site' }, true],
		['from the same origin', { 'sec-fetch-site': 'same-origin' }, true],
		['from a sibling of the same site', { 'sec-fetch-site': 'same-site' }, false],
		['from another site', { 'sec-fetch-site': 'cross-site' }, false],
		['typed by the user', { 'sec-fetch-site': 'none' }, false],
		['of unknown origin', { 'sec-fetch-site': '' }, false],
		[
			'from another site under our origin',
			{ 'sec-fetch-site': 'cross-site', origin: 'https://a.example', host: 'a.example' },
			false,
		],
		['by an old browser from our origin', { origin: 'https://a.example', host: 'a.example' }, true],
		[
			'by an old browser from our origin with a port',
			{ origin: 'https://a.example:8443', host: 'a.example:8443' },
			true,
		],
		['by an old browser from another port', { origin: 'https://a.example:8443', host: 'a.example' }, false],
		['by an old browser from our host without TLS', { origin: 'http://a.example', host: 'a.example' }, false],
		[
			'by an old browser from our host without TLS, to our host with it',
			{ origin: 'http://a.example', host: 'a.example', 'x-forwarded-proto': 'https' },
			false,
		],
		[
			'by an old browser from our origin, which has no TLS',
			{ origin: 'http://127.0.0.1:8787', host: '127.0.0.1:8787', 'x-forwarded-proto': 'http' },
			true,
		],
		[
			'by an old browser from our host with TLS, to our host without it',
			{ origin: 'https://a.example', host: 'a.example', 'x-forwarded-proto': 'http' },
			false,
		],
		['without an origin, and to no host', { 'x-forwarded-proto': 'https' }, false],
		[
			'by an old browser from a host that begins like ours',
			{ origin: 'https://a.example.evil', host: 'a.example' },
			false,
		],
		['by an old browser from an opaque origin', { origin: 'null', host: 'a.example' }, false],
		['without any sign', { host: 'a.example' }, false],
	])('%s', (_what, headers, allowed) => {
		expect(isSameSite(apiRequest({ headers }))).toBe(allowed);
	});
});
