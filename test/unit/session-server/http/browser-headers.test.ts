import { expect, test } from 'vitest';
import { forwardedHeaders } from '../../../../functions/session-server/http/forward/request.ts';
import type { ServiceAnswer } from '../../../../functions/system/http-client.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { browserSettings } from '../../../support/browser-settings.ts';
import { exampleSession } from '../../../support/example-session.ts';
import { loggedIn } from '../../../support/logged-in.ts';

const ofEveryAnswer = {
	'cache-control': 'no-store',
	'strict-transport-security': 'max-age=63072000; includeSubDomains',
	'x-content-type-options': 'nosniff',
	'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
	'cross-origin-resource-policy': 'same-origin',
	'referrer-policy': 'no-referrer',
};

test('every answer of the API tells browsers to use TLS, and neither to guess, frame nor embed it', async () => {
	const { ask, token } = await loggedIn();
	const headers = { authorization: `Bearer ${token}` };
	for (const request of [
		{},
		{ method: 'PUT' },
		{ path: '/nothing' },
		{ path: '/health' },
		{ path: '/services/unknown/x', headers },
		{ path: '/v1/authorize/service', headers },
		{ headers },
		{ path: '/v1/sessions', headers },
		{ method: 'PATCH', body: '{', headers },
		{ method: 'POST', path: '/v1/sessions', headers: { authorization: 'Bearer grace' } },
		{ method: 'DELETE', headers },
	])
		expect((await ask(request)).headers).toMatchObject(ofEveryAnswer);
});

test("a service's answer has the rule for TLS and against guessing unless it has its own", async () => {
	const own: [string, string][] = [
		['Strict-Transport-Security', 'max-age=1'],
		['Content-Security-Policy', 'default-src *'],
	];
	const answers: ServiceAnswer[] = [[], own].map((headers) => ({
		kind: 'answered',
		status: 200,
		headers,
		body: Buffer.of(),
	}));
	const { ask, token } = await loggedIn({
		services: [{ name: 'notes', url: 'http://notes.example' }],
		sendRequest: async () => answers.shift() ?? { kind: 'failed', reason: 'unreachable' },
	});
	const request = { path: '/services/notes/x', headers: { authorization: `Bearer ${token}` } };
	expect((await ask(request)).headers).toEqual({
		'cache-control': 'no-store',
		'strict-transport-security': 'max-age=63072000; includeSubDomains',
		'x-content-type-options': 'nosniff',
	});
	expect((await ask(request)).headers).toEqual({
		'cache-control': 'no-store',
		'strict-transport-security': 'max-age=1',
		'x-content-type-options': 'nosniff',
		'content-security-policy': 'default-src *',
	});
});

test('a service cannot speak for the whole origin', async () => {
	const widening = [
		'Access-Control-Allow-Origin',
		'Access-Control-Allow-Credentials',
		'access-control-anything',
		'Service-Worker-Allowed',
		'Alt-Svc',
		'NEL',
		'Report-To',
		'Clear-Site-Data',
	];
	const headers = [...widening, 'X-Access-Control'].map((name): [string, string] => [name, '*']);
	const { ask, token } = await loggedIn({
		services: [{ name: 'notes', url: 'http://notes.example' }],
		sendRequest: async () => ({ kind: 'answered', status: 200, headers, body: Buffer.of() }),
	});
	const answer = await ask({ path: '/services/notes/x', headers: { authorization: `Bearer ${token}` } });
	const passed = Object.keys(answer.headers).filter((name) => answer.headers[name] === '*');
	expect(passed).toEqual(['x-access-control']);
});

test.each([
	'proxy',
	'x-original-url',
	'x-rewrite-url',
	'x-http-method-override',
	'x-method_override',
	'x.forwarded-method',
])('a service does not get %s from a client', (name) => {
	const sent = forwardedHeaders(
		apiRequest({ headers: { [name]: 'evil', accept: '*/*' } }),
		'/services/x',
		exampleSession(),
		browserSettings().cookie,
	);
	expect(Object.values(sent)).not.toContain('evil');
	expect(sent).toHaveProperty('accept');
});
