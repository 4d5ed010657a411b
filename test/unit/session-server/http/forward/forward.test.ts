import { describe, expect, test } from 'vitest';
import { browserRules } from '../../../../../functions/session-server/http/exchange.ts';
import { forwardedResponse } from '../../../../../functions/session-server/http/forward/response.ts';
import type { OutgoingRequest, ServiceAnswer, ServiceFailure } from '../../../../../functions/system/http-client.ts';
import { apiRequest, type RequestDifference } from '../../../../support/api-request.ts';
import { browserSettings } from '../../../../support/browser-settings.ts';
import { createMemoryDeployment } from '../../../../support/memory/memory-deployment.ts';

const ok: ServiceAnswer = {
	kind: 'answered',
	status: 200,
	headers: [['content-type', 'text/plain']],
	body: Buffer.from('hello'),
};

/**
 * A session in a deployment with a service at `http://billing.example/api`, which answers `answer`.
 */
async function setUp(answer: ServiceAnswer | ServiceFailure = ok) {
	const received: OutgoingRequest[] = [];
	const { api } = createMemoryDeployment([], {
		services: [
			{ name: 'billing', url: 'http://billing.example/api' },
			{ name: 'secure', url: 'http://secure.example', minAssurance: 3 },
			{ name: 'elsewhere' },
		],
		sendRequest: async (request) => {
			received.push(request);
			return answer;
		},
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
	const token = String(JSON.parse(login.body ?? '').token);
	const send = (differing: RequestDifference = {}) =>
		api(
			apiRequest({ path: '/services/billing/bills', headers: { authorization: `Bearer ${token}` }, ...differing }),
			'r',
		);
	return { send, received, token };
}

describe('a request for a service', () => {
	test('is forwarded with the identity and without the token, and its answer is returned', async () => {
		const { send, received, token } = await setUp();
		const response = await send({ path: '/services/billing/bills/7', query: new URLSearchParams('full=1') });
		expect(response).toMatchObject({
			status: 200,
			headers: { 'cache-control': 'no-store' },
			bodyBytes: Buffer.from('hello'),
		});
		expect(received).toHaveLength(1);
		expect(received[0]?.url.href).toBe('http://billing.example/api/bills/7?full=1');
		expect(received[0]?.headers).toMatchObject({ 'x-session-subject': 'ada' });
		expect(JSON.stringify(received)).not.toContain(token);
	});

	test.each([
		['for an unknown service', { path: '/services/nobody/x' }, 404, 'service_unknown'],
		['for a service without a URL', { path: '/services/elsewhere/x' }, 404, 'service_unknown'],
		['for no service', { path: '/services/' }, 404, 'route_unknown'],
		['without a token', { headers: {} }, 401, 'session_missing'],
		['with a forged token', { headers: { authorization: `Bearer ${'A'.repeat(112)}` } }, 401, 'session_malformed'],
		['that its rule forbids', { path: '/services/secure/x' }, 403, 'step_up_required'],
		['with a path outside the base URL', { path: '/services/billing/../admin' }, 400, 'request_malformed'],
		['with a method that is not routed', { method: 'TRACE' }, 405, 'method_not_allowed'],
		['with too large a body', { method: 'POST', body: 'a'.repeat(4 * 1024 * 1024 + 1) }, 413, 'body_too_large'],
	])('%s is not forwarded', async (_what, differing, status, code) => {
		const { send, received } = await setUp();
		const response = await send(differing);
		expect(response.status).toBe(status);
		expect(JSON.parse(response.body ?? '')).toMatchObject({ code });
		expect(received).toEqual([]);
	});

	test('with a method that is not routed is answered with the methods that are', async () => {
		const { send } = await setUp();
		const response = await send({ method: 'TRACE' });
		expect(response.headers['allow']?.split(', ')).toContain('PATCH');
		expect(JSON.parse(response.body ?? '').expected).toBe(response.headers['allow']);
	});

	test.each([
		['a line feed', 'a\nb', 'a%0Ab'],
		['a carriage return', '\r', '%0D'],
		['a line separator', '\u2028', '%E2%80%A8'],
	])('is forwarded even if its decoded path has %s', async (_what, decoded, encoded) => {
		const { send, received } = await setUp();
		expect((await send({ path: `/services/billing/${decoded}` })).status).toBe(200);
		expect(received[0]?.url.href).toBe(`http://billing.example/api/${encoded}`);
	});

	test('that changes something needs proof of its origin beside a cookie', async () => {
		const { send, received, token } = await setUp();
		const byCookie = { method: 'POST', cookies: [`__Host-Http-session=${token}`] };
		expect((await send({ ...byCookie, headers: {} })).status).toBe(403);
		expect(received).toEqual([]);
		expect((await send({ ...byCookie, headers: { 'x-requested-with': 'fetch' } })).status).toBe(200);
		expect((await send({ ...byCookie, headers: {}, method: 'GET' })).status).toBe(200);
	});

	test.each([
		['unreachable', 502, 'service_unreachable'],
		['too-large', 502, 'service_unreachable'],
		['timeout', 504, 'service_timeout'],
	] as const)('whose service fails with %s is answered with a problem that says so', async (reason, status, code) => {
		const { send } = await setUp({ kind: 'failed', reason });
		const response = await send();
		expect(response.status).toBe(status);
		expect(JSON.parse(response.body ?? '')).toMatchObject({ code });
	});
});

describe('the timeout of a service', () => {
	test.each([
		['ten seconds without a limit for the function', undefined, 10_000],
		['ten seconds if the function has enough time left', 15_000, 10_000],
		['a second less than the function has left', 7_800, 6_800],
	])('is %s', async (_what, leftMs, timeoutMs) => {
		const { send, received } = await setUp();
		expect((await send(leftMs === undefined ? {} : { leftMs: () => leftMs })).status).toBe(200);
		expect(received).toMatchObject([{ timeoutMs }]);
	});

	test('may be zero, and then the service is not asked', async () => {
		const { send, received } = await setUp();
		const response = await send({ leftMs: () => 1_000 });
		expect(JSON.parse(response.body ?? '')).toMatchObject({ status: 504, code: 'service_timeout' });
		expect(received).toEqual([]);
	});
});

describe("a service's answer", () => {
	const answerWith = (headers: [string, string][], status = 200) => {
		const passed = forwardedResponse(
			{ kind: 'answered', status, headers, body: Buffer.from('') },
			browserSettings().cookie,
		);
		return passed.kind === 'response' ? passed.response : passed;
	};

	test('cannot set the session cookie or the identity headers', () => {
		expect(
			answerWith([
				['Set-Cookie', '__Host-Http-session=stolen; Path=/'],
				['set-cookie', 'a=1'],
				['Set-Cookie', 'b=2'],
				['X-Session-Subject', 'mallory'],
			]),
		).toEqual({ status: 200, headers: { 'cache-control': 'no-store', ...browserRules }, cookies: ['a=1', 'b=2'] });
	});

	test.each([
		'__Host-Http-session =stolen; Path=/; Secure',
		'\t__Host-Http-session\t= stolen',
		'=__Host-Http-session=stolen; Path=/',
		' = __Host-Http-session=stolen',
		'__Host-Http-session',
		'__Host-Http-login-abcdefghijkl=stolen; Path=/; Secure; HttpOnly',
		'=__Host-Http-login-abcdefghijkl=stolen',
	])('cannot set the cookie of a session or of a login as %j', (cookie) => {
		const kept = ['session=1', 'a=__Host-Http-session=1', 'b=1; Path=/__Host-Http-session='];
		expect(answerWith([cookie, ...kept].map((value) => ['Set-Cookie', value]))).toMatchObject({ cookies: kept });
	});

	test("cannot delete the browser's cookies or the storage of other services", () => {
		expect(answerWith([['Clear-Site-Data', '"cookies", "storage"']])).toEqual({
			status: 200,
			headers: { 'cache-control': 'no-store', ...browserRules },
		});
	});

	test('loses the headers about its connection, and keeps all others', () => {
		expect(
			answerWith([
				['Connection', 'X-Once'],
				['X-Once', '1'],
				['Transfer-Encoding', 'chunked'],
				['Content-Length', '0'],
				['Vary', 'accept'],
				['Vary', 'origin'],
				['Cache-Control', 'private, max-age=5'],
				['Location', 'http://billing.example/api/other'],
				['Constructor', 'Acme'],
			]),
		).toMatchObject({
			headers: {
				'cache-control': 'private, max-age=5',
				vary: 'accept, origin',
				location: 'http://billing.example/api/other',
				constructor: 'Acme',
			},
		});
	});

	test('with a status that cannot be forwarded counts as no answer', () => {
		expect(answerWith([], 101)).toEqual({ kind: 'failed', reason: 'unreachable' });
		expect(answerWith([], 600)).toEqual({ kind: 'failed', reason: 'unreachable' });
	});
});
