import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { decodeEvent } from '../../../../functions/session-server/http/exchange.ts';
import { loggedIn } from '../../../support/logged-in.ts';

describe('an event whose header names have capitals, as emulators send them', () => {
	test('has its token and its proof of origin', async () => {
		const { askByEvent, token } = await loggedIn();
		expect((await askByEvent({ headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
		const change = {
			method: 'PATCH',
			headers: { Cookie: `a=1; __Host-Http-session=${token}`, 'X-Requested-With': 'test' },
			body: '{"attributes":{"theme":"dark"}}',
		};
		expect((await askByEvent(change)).status).toBe(200);
	});

	test.each(['If-Match', 'IF-MATCH', 'if-match'])('makes a change conditional with %s', async (name) => {
		const { askByEvent, token } = await loggedIn();
		const change = {
			method: 'PATCH',
			headers: { Authorization: `Bearer ${token}`, [name]: '"outdated"' },
			body: '{"attributes":{"theme":"dark"}}',
		};
		expect((await askByEvent(change)).json).toMatchObject({ status: 409, code: 'version_conflict' });
		expect((await askByEvent({ headers: change.headers })).json['attributes']).toEqual({});
	});

	test('that occur twice has both values, so that neither version is taken for the only one', async () => {
		const { askByEvent, token } = await loggedIn();
		const headers = { authorization: `Bearer ${token}`, 'If-Match': '"a"', 'if-match': '"b"' };
		const { json } = await askByEvent({ method: 'PATCH', headers, body: '{"attributes":{"theme":"dark"}}' });
		expect(json).toMatchObject({ status: 400, field: 'if-match' });
	});
});

describe('the cookies of an event', () => {
	test.each([
		['are in a list', (token: string) => ({ cookies: ['a=1', `__Host-Http-session=${token}`] })],
		['are in the header', (token: string) => ({ headers: { cookie: `a=1;__Host-Http-session=${token};` } })],
		[
			'are in the header beside an empty list',
			(token: string) => ({ cookies: [], headers: { cookie: `__Host-Http-session=${token}` } }),
		],
		[
			'are several in one entry of the list',
			(token: string) => ({ cookies: [`a=1; __Host-Http-session=${token}; b=2`] }),
		],
		['have spaces around them', (token: string) => ({ cookies: [` __Host-Http-session=${token} `] })],
	])('%s', async (_what, by) => {
		const { askByEvent, token } = await loggedIn();
		expect((await askByEvent(by(token))).status).toBe(200);
	});

	test.each([
		['\u2000', '__Host-Http-session'],
		['\u00a0', '__Host-session'],
		['\ufeff', '__Host-Http-session'],
	])('keep %j before their name, which another host of the site can set in place of %s', async (space, name) => {
		const { askByEvent, token } = await loggedIn();
		const answer = await askByEvent({ cookies: [`${space}${name}=${token}`] });
		expect(answer.json['code']).toBe('session_missing');
		expect(answer.cookies).toBeUndefined();
	});

	test('never reach a service with the token, even if several are in one entry', async () => {
		const received: unknown[] = [];
		const { askByEvent, token } = await loggedIn({
			services: [{ name: 'billing', url: 'http://billing.example' }],
			sendRequest: async ({ headers }) => {
				received.push(headers['cookie']);
				return { kind: 'failed', reason: 'unreachable' };
			},
		});
		const rawPath = '/services/billing/';
		await askByEvent({ rawPath, cookies: [`a=1; __Host-Http-session=${token}; b=2`] });
		// Another host of the site can set a cookie that no header can have. The others still arrive.
		await askByEvent({ rawPath, cookies: ['a=1', '\u4e2d=x', `__Host-Http-session=${token}`, 'b=2'] });
		expect(received).toEqual(['a=1; b=2', 'a=1; b=2']);
	});
});

describe('the path of an event', () => {
	const view = { routeKey: 'GET /v1/session' };
	const forward = { routeKey: 'ANY /services/{name}/{proxy+}', pathParameters: { name: 'billing', proxy: 'x' } };
	const endOne = { routeKey: 'DELETE /v1/sessions/{handle}', pathParameters: { handle: 'h' } };
	const decide = { routeKey: 'ANY /v1/authorize/{proxy+}', pathParameters: { proxy: 'notes/x' } };

	test.each([
		['without a mount', view, '$default', '/v1/session', '/v1/session'],
		['below a stage', view, 'prod', '/prod/v1/session', '/v1/session'],
		['below a stage that AWS left out', view, 'prod', '/v1/session', '/v1/session'],
		['below a stage with the name of a segment', view, 'v1', '/v1/v1/session', '/v1/session'],
		['below the key of an API mapping', view, '$default', '/auth/v1/session', '/v1/session'],
		['below a key of several segments', view, 'prod', '/eu/auth/v1/session', '/v1/session'],
		['with a parameter', endOne, 'prod', '/prod/v1/sessions/h', '/v1/sessions/h'],
		['of a service', forward, '$default', '/services/billing/x', '/services/billing/x'],
		['of a service below a key', forward, '$default', '/auth/services/billing/x', '/services/billing/x'],
		[
			'of a service with a path that looks like a route',
			forward,
			'prod',
			'/prod/services/billing/services/billing/x',
			'/services/billing/services/billing/x',
		],
		[
			'of a service below a stage of that name',
			forward,
			'services',
			'/services/services/billing/x',
			'/services/billing/x',
		],
		['of a decision', decide, 'prod', '/prod/v1/authorize/notes/v1/authorize/x', '/v1/authorize/notes/v1/authorize/x'],
		['without a route', { routeKey: '$default' }, 'prod', '/prod/v1/nothing', '/v1/nothing'],
		['that is only the stage', { routeKey: '$default' }, 'prod', '/prod', '/'],
		['that begins like the stage', { routeKey: '$default' }, 'prod', '/product', '/product'],
		['with a route that is not ours', { routeKey: 'ANY /{proxy+}' }, 'prod', '/prod/v1/session', '/v1/session'],
		['shorter than its route', view, '$default', '/session', '/session'],
	])('%s is that of the API', (_what, route, stage, rawPath, path) => {
		const event = { rawPath, requestContext: { http: { method: 'GET', path: rawPath }, stage }, ...route };
		expect(decodeEvent(event as unknown as APIGatewayProxyEventV2).path).toBe(path);
	});

	test('leads to the operation, wherever the API is mounted', async () => {
		const { askByEvent, token } = await loggedIn();
		const headers = { authorization: `Bearer ${token}` };
		expect((await askByEvent({ ...view, stage: 'prod', rawPath: '/prod/v1/session', headers })).status).toBe(200);
		expect((await askByEvent({ ...view, rawPath: '/auth/v1/session', headers })).status).toBe(200);
	});
});

test('an event of another format is an error that says what to do', () => {
	for (const event of [{}, { version: '1.0', path: '/v1/session', requestContext: {} }])
		expect(() => decodeEvent(event as unknown as APIGatewayProxyEventV2)).toThrow('payload format 2.0');
});
