import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forwardedHeaders, forwardedUrl } from '../../../../../functions/session-server/http/forward/request.ts';
import { apiRequest } from '../../../../support/api-request.ts';
import { browserSettings } from '../../../../support/browser-settings.ts';
import { exampleSession } from '../../../../support/example-session.ts';

const base = new URL('https://billing.example/api/');
const at = (path: string, query = '') => {
	const url = forwardedUrl(base, path, query);
	return url === 'malformed' ? url : url.href;
};

describe('the URL of a forwarded request', () => {
	test.each([
		['', 'https://billing.example/api'],
		['/', 'https://billing.example/api/'],
		['/bills/7', 'https://billing.example/api/bills/7'],
		['/bills//7', 'https://billing.example/api/bills//7'],
		['/a b', 'https://billing.example/api/a%20b'],
		['/a%20b', 'https://billing.example/api/a%20b'],
		['/100%', 'https://billing.example/api/100%25'],
		['/what?', 'https://billing.example/api/what%3F'],
		['/a#b', 'https://billing.example/api/a%23b'],
		['/a\\b', 'https://billing.example/api/a%5Cb'],
		['/\ud800é', 'https://billing.example/api/%EF%BF%BD%C3%A9'],
		['/@evil.example/', 'https://billing.example/api/@evil.example/'],
		['/..a/b..', 'https://billing.example/api/..a/b..'],
	])('for %j is %s', (path, href) => {
		expect(at(path)).toBe(href);
	});

	test.each([
		'/..',
		'/../admin',
		'/a/../../admin',
		'/%2e%2e/admin',
		'/.%2E/admin',
		'/..;x=1/admin',
		'/..%3bx/admin',
		'/%2e.%3B/admin',
		'/..;\n/admin',
		'/.;\u2028',
		'/..%2fadmin',
		'/..\\admin',
		'/.',
	])('is refused for %j', (path) => {
		expect(at(path)).toBe('malformed');
	});

	test('has the query as the client sent it', () => {
		expect(at('/a', 'x=1+2&y=%20&z&é')).toBe('https://billing.example/api/a?x=1+2&y=%20&z&%C3%A9');
		expect(at('/a', 'x=1#y')).toBe('https://billing.example/api/a?x=1%23y');
	});

	test("never leads outside the service's base URL, whatever the client sends", { timeout: 30_000 }, () => {
		const piece = fc.oneof(
			fc.constantFrom('/', '..', '.', '%2e', '%2f', '%5c', '\\', '?', '#', '@', ':', ';', '%', '//evil.example'),
			fc.string({ unit: 'binary', maxLength: 4 }),
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }), (pieces, query) => {
				const url = forwardedUrl(base, `/${pieces.join('')}`, query);
				if (url === 'malformed') return;
				expect([url.origin, url.username, url.hash]).toEqual(['https://billing.example', '', '']);
				expect(url.pathname.startsWith('/api/')).toBe(true);
			}),
			{ numRuns: 5_000 },
		);
	});
});

describe('the headers of a forwarded request', () => {
	const headersFor = (headers: Record<string, string>, cookies: string[] = []) =>
		forwardedHeaders(apiRequest({ headers, cookies }), '/services/billing', exampleSession(), browserSettings().cookie);

	test('have the identity of the session, whatever the client sends', () => {
		const claims = ['x-session-subject', 'x-session-admin', 'x_session_subject', 'x-session_handle', 'x-session'];
		claims.push('x-session.subject', 'x.session.handle', 'x~session-scopes', 'x_session');
		const sent = headersFor(Object.fromEntries(claims.map((name) => [name, 'mallory'])));
		const { id, subject } = exampleSession();
		expect(Object.values(sent)).not.toContain('mallory');
		expect(sent).toMatchObject({ 'x-session-subject': encodeURIComponent(subject), 'x-session-handle': id });
	});

	test('have neither the session cookie nor an authorization', () => {
		const sent = headersFor({ authorization: 'Bearer t', cookie: '__Host-Http-session=t' }, [
			'a=1',
			'__Host-Http-session=t',
			'b=2',
		]);
		expect(sent).toHaveProperty('cookie', 'a=1; b=2');
		expect(sent).not.toHaveProperty('authorization');
		expect(JSON.stringify(sent)).not.toContain('__Host-Http-session');
	});

	test('have no cookie of a session or of a login in any form that browsers accept', () => {
		const cookies = [
			'__Host-Http-session =t',
			' __Host-Http-session=t',
			'=__Host-Http-session=t',
			'__Host-Http-login-abcdefghijkl=t',
			'=__Host-Http-login-abcdefghijkl=t',
			'__Host-Http-session',
			'my__Host-Http-session=1',
		];
		expect(headersFor({}, cookies)).toHaveProperty('cookie', 'my__Host-Http-session=1');
	});

	test('have no name that a program behind CGI, WSGI or PHP would read as a withheld one', () => {
		const names = ['content_length', 'transfer_encoding', 'x_forwarded_prefix', 'x-forwarded_host'];
		names.push('x-forwarded.host', 'x.forwarded.prefix', 'transfer.encoding');
		const sent = headersFor(Object.fromEntries(names.map((name) => [name, '7'])));
		expect(Object.keys(sent).filter((name) => names.includes(name))).toEqual([]);
	});

	test("have nothing about the client's connection", () => {
		const sent = headersFor({
			connection: 'keep-alive, X-Once',
			'x-once': '1',
			'keep-alive': 'timeout=5',
			te: 'trailers',
			'transfer-encoding': 'chunked',
			upgrade: 'websocket',
			expect: '100-continue',
			'content-length': '5',
			host: 'api.example',
			accept: 'text/html',
		});
		expect(Object.keys(sent).filter((name) => !name.startsWith('x-session-'))).toEqual([
			'accept',
			'x-forwarded-host',
			'x-forwarded-prefix',
		]);
	});

	test('have the host and the prefix of the original request, whatever the client sends', () => {
		expect(
			headersFor({ host: 'api.example', 'x-forwarded-host': 'evil', 'x-forwarded-prefix': '/', forwarded: 'x' }),
		).toMatchObject({ 'x-forwarded-host': 'api.example', 'x-forwarded-prefix': '/services/billing' });
		expect(headersFor({ forwarded: 'host=evil' })).not.toHaveProperty('forwarded');
	});

	test('have no name or value that is not valid in HTTP', () => {
		expect(headersFor({ 'x-odd': 'a\nb', 'x-wide': '☃', 'x bad': 'a', 'x-fine': 'é' })).toMatchObject({
			'x-fine': 'é',
		});
		expect(Object.keys(headersFor({ 'x-odd': 'a\nb', 'x-wide': '☃', 'x bad': 'a' })).join()).not.toMatch(
			/odd|wide|bad/,
		);
	});
});
