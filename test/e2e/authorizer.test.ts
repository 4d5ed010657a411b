import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { call, deployed, login } from './client.ts';

const { guardedUrl } = deployed;

describe.runIf(guardedUrl !== undefined)('a user’s own API behind the authorizer', () => {
	const whoami = (options: Parameters<typeof call>[2]) =>
		call('GET', '/whoami', { ...options, url: String(guardedUrl) });

	test('the API learns the subject from a bearer token and from a cookie', async () => {
		const token = await login();
		for (const presented of [{ token }, { cookie: `__Host-Http-session=${token}` }]) {
			const { status, json } = await whoami(presented);
			expect(status).toBe(200);
			expect(json).toMatchObject({ subject: 'local:grace', assuranceLevel: 1, scopes: 'billing:read' });
		}
	});

	test('no request reaches the API without a session that may use the service', async () => {
		expect((await whoami({})).status).toBe(403);
		expect((await whoami({ token: 'A'.repeat(112) })).status).toBe(403);
		expect((await whoami({ token: await login({ scope: '' }) })).status).toBe(403);
	});

	test('no request of a logged-out session reaches the API after the staleness bound', async () => {
		const token = await login();
		expect((await whoami({ token })).status).toBe(200);
		expect((await call('DELETE', '/v1/session', { token })).status).toBe(204);
		await delay(timingDefaults.maxStalenessMs);
		expect((await whoami({ token })).status).toBe(403);
	});
});
