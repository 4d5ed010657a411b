import { describe, expect, test } from 'vitest';
import { loggedIn } from '../../../support/logged-in.ts';

const services = [{ name: 'notes' }, { name: 'secure', minAssurance: 3 as const }];
const query = new URLSearchParams('service=notes');
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

describe('a proxy that asks for a decision', () => {
	test.each(methods)('may use %s', async (method) => {
		const { ask, token } = await loggedIn({ services });
		const headers = { authorization: `Bearer ${token}` };
		expect((await ask({ method, path: '/v1/authorize', query, headers })).status).toBe(204);
		expect((await ask({ method, path: '/v1/authorize/notes', headers })).status).toBe(204);
	});

	test('may append the path and the query of the original request after the name of the service', async () => {
		const { ask, token } = await loggedIn({ services });
		const headers = { authorization: `Bearer ${token}` };
		const appended = {
			path: '/v1/authorize/notes/v1/authorize/secure',
			query: new URLSearchParams('service=secure&x=1'),
		};
		expect((await ask({ ...appended, headers })).status).toBe(204);
		const secure = { path: '/v1/authorize/secure/x', query };
		expect((await ask({ ...secure, headers })).json).toMatchObject({ code: 'step_up_required' });
	});

	test('may add parameters beside the service, but not another service', async () => {
		const { ask, token } = await loggedIn({ services });
		const headers = { authorization: `Bearer ${token}` };
		const by = (search: string) => ask({ path: '/v1/authorize', query: new URLSearchParams(search), headers });
		expect((await by('service=notes&rd=https%3A%2F%2Fa.example&x')).status).toBe(204);
		expect((await by('service=notes&service=secure')).json).toMatchObject({ status: 400, field: 'service' });
		expect((await ask({ path: '/v1/authorize/', query, headers })).json).toMatchObject({
			status: 400,
			field: 'service',
		});
	});

	test.each([
		[{ method: 'POST' }, {}],
		[{}, { 'x-forwarded-method': 'POST' }],
		[{}, { 'x-original-method': 'DELETE' }],
		[{}, { 'x-forwarded-method': 'GET', 'x-original-method': 'DELETE' }],
		[{ method: 'PUT' }, { 'x-forwarded-method': 'GET' }],
		[{}, { 'x-forwarded-method': 'GET,POST' }],
	])('about a change by cookie is refused if another site may have caused it: %j %j', async (request, named) => {
		const { ask, token } = await loggedIn({ services });
		const cookies = [`__Host-Http-session=${token}`];
		const asked = (headers: Record<string, string>) =>
			ask({ ...request, path: '/v1/authorize', query, cookies, headers: { ...named, ...headers } });
		for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])
			expect((await asked(headers)).json).toMatchObject({ status: 403, code: 'cross_origin_refused' });
		expect((await asked({ 'sec-fetch-site': 'same-origin' })).status).toBe(204);
		expect((await asked({ authorization: `Bearer ${token}` })).status).toBe(204);
	});

	test('about a request that changes nothing needs no proof of its origin', async () => {
		const { ask, token } = await loggedIn({ services });
		const cookies = [`__Host-Http-session=${token}`];
		for (const headers of [{}, { 'x-forwarded-method': 'GET' }, { 'x-original-method': 'HEAD' }])
			expect((await ask({ path: '/v1/authorize', query, cookies, headers })).status).toBe(204);
	});

	test('gets no empty identity header, so it cannot let the header of the client through', async () => {
		const { ask, token } = await loggedIn({ services });
		const { headers } = await ask({ path: '/v1/authorize/notes', headers: { authorization: `Bearer ${token}` } });
		const identity = Object.entries(headers).filter(([name]) => name.startsWith('x-session-'));
		expect(identity).toHaveLength(4);
		for (const [, value] of identity) expect(value).not.toBe('');
		expect(headers['x-session-scopes']).toBe('""');
	});
});

test('a change by cookie from another origin is no use of the session', async () => {
	const { ask, token, clock } = await loggedIn({ services: [{ name: 'notes', url: 'http://notes.example' }] });
	const view = () => ask({ headers: { authorization: `Bearer ${token}` } });
	const { lastSeenAt } = (await view()).json;
	clock.advance(60_000);
	for (const path of ['/services/notes/x', '/v1/authorize/notes'])
		expect((await ask({ method: 'POST', path, cookies: [`__Host-Http-session=${token}`] })).status).toBe(403);
	expect((await view()).json['lastSeenAt']).toBe(lastSeenAt);
});
