import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { call, deployed, login } from './client.ts';

const { guardedUrl } = deployed;

describe.runIf(guardedUrl !== undefined)('an API of one’s own behind the authorizer', () => {
	const whoami = (options: Parameters<typeof call>[2]) =>
		call('GET', '/whoami', { ...options, url: String(guardedUrl) });

	it('learns who it is, from a bearer token and from a cookie', async () => {
		const token = await login();
		for (const presented of [{ token }, { cookie: `__Host-session=${token}` }]) {
			const { status, json } = await whoami(presented);
			expect(status).toBe(200);
			expect(json).toMatchObject({ subject: 'local:grace', assuranceLevel: 1, scopes: 'billing:read' });
		}
	});

	it('is called by nobody who has no session, or none that may use the service', async () => {
		expect((await whoami({})).status).toBe(403);
		expect((await whoami({ token: 'A'.repeat(108) })).status).toBe(403);
		expect((await whoami({ token: await login({ scope: '' }) })).status).toBe(403);
	});

	it('is not called with a session that was logged out, once the staleness bound has passed', async () => {
		const token = await login();
		expect((await whoami({ token })).status).toBe(200);
		expect((await call('DELETE', '/v1/session', { token })).status).toBe(204);
		await delay(timingDefaults.maxStalenessMs);
		expect((await whoami({ token })).status).toBe(403);
	});
});
