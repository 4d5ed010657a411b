import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { authorizeRoute } from '../../../../functions/session-server/authorizer/authorize-route.ts';
import { decodeAuthorizerEvent } from '../../../../functions/session-server/http/exchange.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { browserSettings } from '../../../support/browser-settings.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

const browsers = browserSettings(['https://app.example.com']);

async function setUp() {
	const { api, server } = createMemoryDeployment([], {
		services: [{ name: 'notes' }, { name: 'secure', minAssurance: 3 }],
	});
	const login = await api(
		apiRequest({
			method: 'POST',
			path: '/v1/sessions',
			headers: { authorization: 'Bearer ada' },
			body: '{"delivery":"bearer"}',
		}),
		'r',
	);
	const { token, session } = JSON.parse(login.body ?? '') as { token: string; session: { handle: string } };
	return { server, token, handle: session.handle };
}

function event(
	differing: Partial<APIGatewayRequestAuthorizerEventV2>,
	method = 'GET',
): APIGatewayRequestAuthorizerEventV2 {
	return { headers: {}, requestContext: { http: { method } }, ...differing } as APIGatewayRequestAuthorizerEventV2;
}

describe('the authorizer', () => {
	test.each([
		['a bearer token', (token: string) => ({ headers: { authorization: `Bearer ${token}` } })],
		['a header whose name has capitals', (token: string) => ({ headers: { Authorization: `bearer ${token}` } })],
		['a cookie in the list that AWS sends', (token: string) => ({ cookies: ['a=1', `__Host-Http-session=${token}`] })],
		[
			'a cookie in the header that emulators send',
			(token: string) => ({ headers: { cookie: `a=1; __Host-Http-session=${token}` } }),
		],
	])('allows a session with %s, and returns its identity', async (_what, by) => {
		const { server, token, handle } = await setUp();
		expect(await authorizeRoute(server, 'notes', decodeAuthorizerEvent(event(by(token))), browsers)).toMatchObject({
			kind: 'decided',
			result: { isAuthorized: true, context: { subject: 'ada', handle, assuranceLevel: 1, scopes: '""' } },
		});
	});

	test.each([
		['without a token', 'notes', () => ({}), 'session_missing'],
		[
			'with a forged token',
			'notes',
			() => ({ headers: { authorization: `Bearer ${'A'.repeat(112)}` } }),
			'session_malformed',
		],
		[
			'that the rule of its service forbids',
			'secure',
			(token: string) => ({ headers: { authorization: `Bearer ${token}` } }),
			'step_up_required',
		],
		[
			'for an unknown service',
			'nobody',
			(token: string) => ({ headers: { authorization: `Bearer ${token}` } }),
			'service_unknown',
		],
		[
			'for a route that no service has',
			undefined,
			(token: string) => ({ headers: { authorization: `Bearer ${token}` } }),
			'service_unknown',
		],
	])('denies a request %s', async (_what, service, by, code) => {
		const { server, token } = await setUp();
		expect(await authorizeRoute(server, service, decodeAuthorizerEvent(event(by(token))), browsers)).toMatchObject({
			kind: 'decided',
			result: { isAuthorized: false, context: { code } },
		});
	});

	test('denies a change with a cookie and without proof of its origin', async () => {
		const { server, token } = await setUp();
		const cookies = [`__Host-Http-session=${token}`];
		const ask = (headers: Record<string, string>) =>
			authorizeRoute(server, 'notes', decodeAuthorizerEvent(event({ cookies, headers }, 'POST')), browsers);
		expect(await ask({})).toMatchObject({ result: { isAuthorized: false, context: { code: 'cross_origin_refused' } } });
		const listed = { origin: 'https://app.example.com', 'sec-fetch-site': 'same-site' };
		expect(await ask(listed)).toMatchObject({ result: { isAuthorized: true } });
		const other = { ...listed, origin: 'https://evil.example.com' };
		expect(await ask(other)).toMatchObject({ result: { context: { code: 'cross_origin_refused' } } });
		expect(await ask({ 'x-requested-with': 'fetch' })).toMatchObject({ result: { isAuthorized: true } });
	});

	test('denies what a client sends beyond its limits, and says why in the context', async () => {
		const { server, token } = await setUp();
		const ask = () =>
			authorizeRoute(server, 'notes', apiRequest({ headers: { authorization: `Bearer ${token}` } }), browsers);
		for (let sent = 0; sent < 1_000; sent++) await ask();
		expect(await ask()).toMatchObject({
			kind: 'decided',
			result: { isAuthorized: false, context: { code: 'too_many_requests' } },
			decision: { kind: 'limited' },
		});
	});

	test('neither allows nor denies when the session cannot be looked up', async () => {
		const { server } = await setUp();
		const down = { ...server, authorize: async () => ({ kind: 'unavailable', reason: 'down' }) as const };
		const request = apiRequest({ headers: { authorization: 'Bearer t' } });
		expect(await authorizeRoute(down, 'notes', request, browsers)).toMatchObject({
			kind: 'unavailable',
			reason: 'down',
		});
	});
});
