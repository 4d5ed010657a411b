import { expect, test } from 'vitest';
import { loggedIn } from '../../../support/logged-in.ts';

const wrong = [
	{ method: 'PATCH', body: '{"attributes":{"role":"admin"}}' },
	{ method: 'PATCH', body: '{' },
	{ method: 'PATCH', body: 'x'.repeat(64 * 1024 + 1) },
	{ method: 'PATCH', body: '{"attributes":{"theme":"dark"}}', 'if-match': 'abc' },
	{ method: 'DELETE', query: new URLSearchParams('confirm=somewhere') },
	{ method: 'DELETE', path: '/v1/sessions/no-handle' },
	{ path: '/v1/authorize' },
	{ path: '/v1/authorize/unknown' },
	{ path: '/services/unknown/x' },
	{ method: 'TRACE', path: '/services/service/x' },
];

test.each(wrong)('a client without a valid token learns nothing about its input: %j', async (request) => {
	const { ask, token } = await loggedIn({ services: [{ name: 'service', url: 'http://service.example' }] });
	const by = (authorization?: string) => {
		const { 'if-match': ifMatch, ...rest } = { 'if-match': undefined, ...request };
		const headers = {
			'x-requested-with': 'test',
			...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
			...(authorization === undefined ? {} : { authorization }),
		};
		return ask({ ...rest, headers });
	};
	expect((await by()).json).toMatchObject({ status: 401, code: 'session_missing' });
	expect((await by(`Bearer ${'A'.repeat(108)}`)).json).toMatchObject({ status: 401, code: 'session_malformed' });
	expect((await by('Bearer nonsense')).json).toMatchObject({ status: 401, code: 'session_malformed' });
	expect([400, 404, 405, 413]).toContain((await by(`Bearer ${token}`)).status);
});
