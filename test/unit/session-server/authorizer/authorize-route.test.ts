import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { authorizeRoute } from '../../../../functions/session-server/authorizer/authorize-route.ts';
import { decodeAuthorizerEvent } from '../../../../functions/session-server/http/exchange.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

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
		['a header in other letters', (token: string) => ({ headers: { Authorization: `bearer ${token}` } })],
		['the list of cookies that AWS has', (token: string) => ({ cookies: ['a=1', `__Host-session=${token}`] })],
		[
			'the cookie header that emulators have',
			(token: string) => ({ headers: { cookie: `a=1; __Host-session=${token}` } }),
		],
	])('allows a session by %s, and says whose it is', async (_what, by) => {
		const { server, token, handle } = await setUp();
		expect(await authorizeRoute(server, 'notes', decodeAuthorizerEvent(event(by(token))))).toMatchObject({
			kind: 'decided',
			result: { isAuthorized: true, context: { subject: 'ada', handle, assuranceLevel: 1, scopes: '' } },
		});
	});

	test.each([
		['without a token', 'notes', () => ({}), 'session_missing'],
		[
			'with a forged token',
			'notes',
			() => ({ headers: { authorization: `Bearer ${'A'.repeat(108)}` } }),
			'session_malformed',
		],
		[
			'that the rule forbids',
			'secure',
			(token: string) => ({ headers: { authorization: `Bearer ${token}` } }),
			'step_up_required',
		],
		[
			'of an unknown service',
			'nobody',
			(token: string) => ({ headers: { authorization: `Bearer ${token}` } }),
			'service_unknown',
		],
		[
			'of a route that no service has',
			undefined,
			(token: string) => ({ headers: { authorization: `Bearer ${token}` } }),
			'service_unknown',
		],
	])('denies a request %s', async (_what, service, by, code) => {
		const { server, token } = await setUp();
		expect(await authorizeRoute(server, service, decodeAuthorizerEvent(event(by(token))))).toMatchObject({
			kind: 'decided',
			result: { isAuthorized: false, context: { code } },
		});
	});

	test('denies a change that only a cookie vouches for', async () => {
		const { server, token } = await setUp();
		const cookies = [`__Host-session=${token}`];
		const ask = (headers: Record<string, string>) =>
			authorizeRoute(server, 'notes', decodeAuthorizerEvent(event({ cookies, headers }, 'POST')));
		expect(await ask({})).toMatchObject({ result: { isAuthorized: false, context: { code: 'cross_origin_refused' } } });
		expect(await ask({ 'x-requested-with': 'fetch' })).toMatchObject({ result: { isAuthorized: true } });
	});

	test('neither allows nor denies when the session cannot be looked up', async () => {
		const { server } = await setUp();
		const away = { ...server, authorize: async () => ({ kind: 'unavailable', reason: 'away' }) as const };
		const request = apiRequest({ headers: { authorization: 'Bearer t' } });
		expect(await authorizeRoute(away, 'notes', request)).toMatchObject({ kind: 'unavailable', reason: 'away' });
	});
});
