import { describe, expect, test } from 'vitest';
import { emptyResponse } from '../../../../functions/session-server/http/exchange.ts';
import { bearerToken, presentedToken, withCopy } from '../../../../functions/session-server/http/session-token.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { browserSettings } from '../../../support/browser-settings.ts';

const browsers = browserSettings();

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

	test('is absent without an authorization header', () => {
		expect(bearerToken(apiRequest())).toBeUndefined();
	});
});

describe('the token that a request presents', () => {
	const cookie = '__Host-Http-session=fromcookie';
	const authorization = 'Bearer frombearer';
	const malformed = { kind: 'refused', code: 'session_malformed' };
	const missing = { kind: 'refused', code: 'session_missing' };

	test.each([
		['comes from the cookie', {}, [cookie], 'fromcookie'],
		['comes from the cookie among others', {}, ['a=b', cookie, 'c=d'], 'fromcookie'],
		['comes from the header', { authorization }, [], 'frombearer'],
		['comes from the header even if there is a cookie', { authorization }, [cookie], 'frombearer'],
		['comes from the cookie if the header has another scheme', { authorization: 'Basic x' }, [cookie], 'fromcookie'],
		['is malformed with two different cookies', {}, [cookie, '__Host-Http-session=second'], malformed],
		['comes from a cookie that is repeated', {}, [cookie, cookie], 'fromcookie'],
		['comes from the cookie beside an empty one', {}, ['__Host-Http-session=', cookie], 'fromcookie'],
		['comes from a cookie with spaces around it', {}, [' __Host-Http-session = fromcookie '], 'fromcookie'],
		['is malformed with two bearer tokens', { authorization: 'Bearer a,Bearer b' }, [cookie], malformed],
		['is empty with an empty cookie', {}, ['__Host-Http-session='], ''],
		['may have an equals sign', {}, ['__Host-Http-session=a=b'], 'a=b'],
		['is not a cookie without the prefix', {}, ['session=x'], missing],
		['is not a cookie with a longer name', {}, ['__Host-Http-session2=x', 'x__Host-Http-session=y'], missing],
		['is not a cookie with another case', {}, ['__host-session=x'], missing],
		['is missing without either', {}, [], missing],
	] as const)('%s', (_what, headers, cookies, presented) => {
		const expected = typeof presented === 'string' ? { kind: 'presented', text: presented } : presented;
		expect(presentedToken(apiRequest({ headers, cookies }), browsers)).toEqual(expected);
	});

	describe('for a change', () => {
		const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'];
		const sameOrigin = { 'sec-fetch-site': 'same-origin' };
		const crossOrigin = { 'sec-fetch-site': 'cross-site' };

		test.each(methods)('by %s is refused if it comes in a cookie from another origin', (method) => {
			const token = presentedToken(apiRequest({ method, headers: crossOrigin, cookies: [cookie] }), browsers);
			expect(token).toMatchObject({ kind: 'refused', code: 'cross_origin_refused' });
		});

		test.each(methods)('by %s is taken from a cookie with proof of the same origin', (method) => {
			const token = presentedToken(apiRequest({ method, headers: sameOrigin, cookies: [cookie] }), browsers);
			expect(token).toEqual({ kind: 'presented', text: 'fromcookie' });
		});

		test.each(methods)('by %s is taken from a bearer header of any origin', (method) => {
			const headers = { ...crossOrigin, authorization };
			const token = presentedToken(apiRequest({ method, headers, cookies: [cookie] }), browsers);
			expect(token).toEqual({ kind: 'presented', text: 'frombearer' });
		});
	});
});

describe('the copy that a request carries', () => {
	const cookie = '__Host-Http-session=fromcookie';
	const copy = '__Host-Http-session-copy=copyfromcookie';
	const authorization = 'Bearer frombearer';
	const header = { 'leasehold-copy': 'copyfromheader' };

	test.each<[string, Record<string, string>, readonly string[], string | undefined]>([
		['comes in a cookie beside the token in a cookie', {}, [cookie, copy], 'copyfromcookie'],
		['comes in a header beside a bearer token', { authorization, ...header }, [], 'copyfromheader'],
		['of a cookie does not go with a bearer token', { authorization }, [cookie, copy], undefined],
		['of a header does not go with a cookie', header, [cookie], undefined],
		['of a bearer token is not taken from the cookie', { authorization, ...header }, [copy], 'copyfromheader'],
		['is absent without one', {}, [cookie], undefined],
		['may have the characters of base64url and dots', { authorization, 'leasehold-copy': 'aZ09_-.x' }, [], 'aZ09_-.x'],
	])('%s', (_what, headers, cookies, carried) => {
		const token = presentedToken(apiRequest({ headers, cookies }), browsers);
		expect(token.kind).toBe('presented');
		expect('carried' in token ? token.carried : undefined).toBe(carried);
	});

	test.each([
		['empty', ''],
		['too long', 'c'.repeat(2_049)],
		['two headers', 'copy,copy'],
		['no text of a copy', 'copy="1"; Path=/'],
	])('is ignored, and refuses nothing, if it is %s', (_what, text) => {
		const headers = { authorization, 'leasehold-copy': text };
		expect(presentedToken(apiRequest({ headers }), browsers)).toEqual({ kind: 'presented', text: 'frombearer' });
		const cookies = [cookie, `__Host-Http-session-copy=${text}`];
		expect(presentedToken(apiRequest({ cookies }), browsers)).toEqual({ kind: 'presented', text: 'fromcookie' });
	});

	test('may be as long as the bound', () => {
		const headers = { authorization, 'leasehold-copy': 'c'.repeat(2_048) };
		expect(presentedToken(apiRequest({ headers }), browsers)).toHaveProperty('carried');
	});
});

describe('a new copy to carry', () => {
	const response = { ...emptyResponse(204), cookies: ['theme=dark'] };

	test('may go into a cookie, beside those that the answer sets', () => {
		const { cookies, headers } = withCopy('c', 'cookie', browsers, response);
		expect(cookies).toEqual(['theme=dark', '__Host-Http-session-copy=c; Secure; HttpOnly; Path=/; SameSite=Lax']);
		expect(headers).toEqual(response.headers);
		expect(withCopy('c', 'cookie', browsers, emptyResponse(204)).cookies).toHaveLength(1);
	});

	test('may go into a header', () => {
		const { cookies, headers } = withCopy('c', 'header', browsers, response);
		expect(cookies).toEqual(['theme=dark']);
		expect(headers).toEqual({ ...response.headers, 'leasehold-copy': 'c' });
	});

	test('is left out if there is none, or if it is too long for a cookie', () => {
		for (const carried of [undefined, 'c'.repeat(2_049)])
			for (const way of ['cookie', 'header'] as const)
				expect(withCopy(carried, way, browsers, response)).toBe(response);
	});
});
