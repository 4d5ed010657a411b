import { describe, expect, test } from 'vitest';
import { parseBrowserSettings } from '../../../../functions/session-server/deployment/browser-settings.ts';

const origins = (...list: unknown[]) => parseBrowserSettings({ LEASEHOLD_ORIGINS: JSON.stringify(list) }).origins;
const cookie = (options: unknown, list: readonly string[] = ['https://app.example.org']) =>
	parseBrowserSettings({ LEASEHOLD_ORIGINS: JSON.stringify(list), LEASEHOLD_COOKIE: JSON.stringify(options) }).cookie;

describe('origins', () => {
	test.each([
		'https://app.example.com',
		'https://app.example.com:8443',
		'https://xn--bcher-kva.example',
		'https://[2001:db8::1]',
		'http://localhost:3000',
		'http://127.0.0.1:3000',
		'http://[::1]:3000',
	])('%s is one', (origin) => {
		expect([...origins(origin)]).toEqual([origin]);
	});

	test.each([
		['https://app.example.com/', 'must be written as https://app.example.com'],
		['https://app.example.com/app', 'must be written as https://app.example.com'],
		['https://app.example.com:443', 'must be written as https://app.example.com'],
		['HTTPS://App.Example.com', 'must be written as https://app.example.com'],
		['https://bücher.example', 'must be written as https://xn--bcher-kva.example'],
		['https://user@app.example.com', 'must be written as https://app.example.com'],
		['http://app.example.com', 'must begin with https'],
		['http://localhost.example.com', 'must begin with https'],
		['*', 'there are no patterns'],
		['https://*.example.com', 'there are no patterns'],
		['null', 'must be an origin such as'],
		['app.example.com', 'must be an origin such as'],
		['', 'must be an origin such as'],
		['ftp://app.example.com', 'must be an origin such as'],
		['chrome-extension://abcdefgh', 'must be an origin such as'],
		['https://app.example.com.', 'must be an origin such as'],
		[7, 'must be an origin such as'],
	])('%s is none, and the error says what to write', (origin, problem) => {
		expect(() => origins('https://a.example', origin)).toThrow(/LEASEHOLD_ORIGINS, 1: /);
		expect(() => origins('https://a.example', origin)).toThrow(problem);
	});

	test('are at most 50, in a list', () => {
		const many = Array.from({ length: 51 }, (_, index) => `https://a${index}.example`);
		expect(origins(...many.slice(1)).size).toBe(50);
		expect(() => origins(...many)).toThrow('must be a list of at most 50 origins');
		expect(() => parseBrowserSettings({ LEASEHOLD_ORIGINS: '{}' })).toThrow('must be a list');
	});

	test('are none by default', () => {
		expect(parseBrowserSettings({}).origins.size).toBe(0);
		expect(parseBrowserSettings({ LEASEHOLD_ORIGINS: '' }).origins.size).toBe(0);
	});
});

describe('the settings of the cookie', () => {
	const defaults = { name: '__Host-Http-session', domain: undefined, sameSite: 'lax', partitioned: false };

	test('are the strongest by default', () => {
		expect(parseBrowserSettings({}).cookie).toEqual(defaults);
	});

	test.each([
		[{ sameSite: 'strict' }, { sameSite: 'strict' }],
		[{ sameSite: 'none' }, { sameSite: 'none' }],
		[{ domain: 'example.com' }, { domain: 'example.com', name: '__Secure-session' }],
		[
			{ domain: 'example.com', name: '__Http-sid' },
			{ domain: 'example.com', name: '__Http-sid' },
		],
		[
			{ sameSite: 'none', partitioned: true },
			{ sameSite: 'none', partitioned: true, name: '__Host-Http-partitioned-session' },
		],
		[{ name: '__Host-session' }, { name: '__Host-session' }],
		[{ renewalSeconds: 60 }, { renewalSeconds: 60 }],
		[{ renewalSeconds: 2_592_000 }, { renewalSeconds: 2_592_000 }],
	])('may be %j', (options, differing) => {
		expect(cookie(options)).toEqual({ ...defaults, ...differing });
	});

	test.each([
		[{ domain: 'example.com', name: '__Host-session' }, 'name', 'must not begin with __Host-'],
		[{ domain: 'example.com', name: '__host-http-session' }, 'name', 'must not begin with __Host-'],
		[{ domain: 'com' }, 'domain', 'must be a domain of your own'],
		[{ domain: 'localhost' }, 'domain', 'must be a domain of your own'],
		[{ domain: 'co.uk' }, 'domain', 'must be a domain of your own'],
		[{ domain: 'eu-west-1.amazonaws.com' }, 'domain', 'must be a domain of your own'],
		[{ domain: 'd111.cloudfront.net' }, 'domain', 'must be a domain of your own'],
		[{ domain: '.example.com' }, 'domain', 'must be a host name'],
		[{ domain: 'Example.com' }, 'domain', 'must be a host name'],
		[{ domain: 'https://example.com' }, 'domain', 'must be a host name'],
		[{ domain: '127.0.0.1' }, 'domain', 'must be a host name'],
		[{ domain: 'example.com; Path=/x' }, 'domain', 'must be a host name'],
		[{ partitioned: true }, 'partitioned', 'needs sameSite none'],
		[{ partitioned: true, sameSite: 'strict' }, 'partitioned', 'needs sameSite none'],
		[{ name: 'a b' }, 'name', 'must be 1 to 64'],
		[{ name: '' }, 'name', 'must be 1 to 64'],
		[{ name: 'a=b' }, 'name', 'must be 1 to 64'],
		[{ sameSite: 'Lax' }, 'sameSite', 'must be lax, strict or none'],
		[{ renewalSeconds: 59 }, 'renewalSeconds', 'must be a whole number of seconds, from 60 to 2592000'],
		[{ renewalSeconds: 2_592_001 }, 'renewalSeconds', 'must be a whole number of seconds, from 60 to 2592000'],
		[{ renewalSeconds: 60.5 }, 'renewalSeconds', 'must be a whole number of seconds'],
		[{ renewalSeconds: '60' }, 'renewalSeconds', 'must be a whole number of seconds'],
		[{ path: '/v1' }, 'path', ''],
	])('must not be %j', (options, field, problem) => {
		expect(() => cookie(options)).toThrow(`LEASEHOLD_COOKIE, ${field}: ${problem}`);
	});

	test('must not be for other sites if no origin is listed', () => {
		expect(() => cookie({ sameSite: 'none' }, [])).toThrow('sameSite: must not be none without origins');
	});
});
