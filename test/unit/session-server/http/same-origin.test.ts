import { describe, expect, test } from 'vitest';
import { provesOrigin } from '../../../../functions/session-server/http/origins/same-origin.ts';
import { apiRequest } from '../../../support/api-request.ts';

const listed = 'https://app.example.com';

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
		['from a listed origin of another site', { 'sec-fetch-site': 'cross-site', origin: listed }, true],
		['from a listed origin, by an old browser', { origin: listed, host: 'a.example' }, true],
		['from a listed host at another port', { 'sec-fetch-site': 'same-site', origin: `${listed}:8443` }, false],
		['from a listed host without TLS', { 'sec-fetch-site': 'same-site', origin: 'http://app.example.com' }, false],
		['from a host below a listed one', { 'sec-fetch-site': 'same-site', origin: 'https://a.app.example.com' }, false],
		['from a host that begins like a listed one', { origin: `${listed}.evil`, host: 'a.example' }, false],
		['from a listed origin in another case', { origin: 'https://App.example.com', host: 'a.example' }, false],
		['from several origins, one of them listed', { origin: `${listed}, https://evil.example` }, false],
		['from an opaque origin', { 'sec-fetch-site': 'cross-site', origin: 'null' }, false],
	])('%s', (_what, headers, allowed) => {
		expect(provesOrigin(apiRequest({ headers }), new Set([listed]))).toBe(allowed);
	});
});
