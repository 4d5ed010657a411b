import { describe, expect, test } from 'vitest';
import { call, deployed, login } from './client.ts';

/** Starts as many instances as a small machine can run. */
const atOnce = 4;

/* Only a deployment that `deployed.ts` made has its services. */
describe.runIf(deployed.endpoint !== undefined)('a service behind the API', () => {
	test('a service learns from Leasehold, not from the client, who asks, and gets no token', async () => {
		const token = await login();
		const cookie = `theme=dark; __Host-Http-session=${token}`;
		const { status, json } = await call('POST', '/services/echo/orders/7?full=1', {
			cookie,
			headers: {
				'x-requested-with': 'fetch',
				'x-session-subject': 'mallory',
				'x-session-role': 'admin',
				x_session_subject: 'mallory',
				'content-type': 'text/plain',
			},
			body: 'some text',
		});
		expect(status).toBe(200);
		expect(json).toMatchObject({ method: 'POST', url: '/base/orders/7?full=1', body: 'some text' });
		const { json: session } = await call('GET', '/v1/session', { token });
		expect(json['headers']).toMatchObject({
			cookie: 'theme=dark',
			'x-session-subject': 'local%3Agrace',
			'x-session-handle': session['handle'],
			'x-session-assurance': '1',
			'x-session-scopes': 'billing%3Aread',
			'x-forwarded-prefix': '/services/echo',
		});
		expect(json['headers']).not.toHaveProperty('x-session-role');
		expect(JSON.stringify(json)).not.toContain('mallory');
		expect(JSON.stringify(json)).not.toContain(token);
	});

	test('no request without a session reaches a service', async () => {
		const { status, json } = await call('GET', '/services/echo/orders');
		expect(status).toBe(401);
		expect(json).toMatchObject({ code: 'session_missing' });
	});

	test('no instance forwards a request of a session that was just logged out to a strict service', async () => {
		const token = await login();
		const ask = () => call('GET', '/services/vault/secret', { token });
		const before = await Promise.all(Array.from({ length: atOnce }, ask));
		expect(before.map(({ status }) => status)).toEqual(before.map(() => 200));
		expect((await call('DELETE', '/v1/session', { token })).status).toBe(204);
		const after = await Promise.all(Array.from({ length: 2 * atOnce }, ask));
		expect(after.map(({ json }) => json['code'])).toEqual(after.map(() => 'session_revoked'));
	});
});
