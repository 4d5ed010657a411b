import { describe, expect, test } from 'vitest';
import { call, deployed, idToken } from './client.ts';

/** Absent on AWS, where there is no function URL. */
const { endpoint, functionUrl } = deployed;

describe.skipIf(functionUrl === undefined)('the function URL of an emulator', () => {
	test('serves a login, a decision and a logout, and answers an unknown path with 404', async () => {
		// Emulators tell their function URLs by the host that is asked for.
		const host = new URL(String(functionUrl)).host;
		const ask = (method: string, path: string, token?: string) =>
			call(method, path, { url: String(endpoint), headers: { host }, ...(token === undefined ? {} : { token }) });

		const login = await call('POST', '/v1/sessions', {
			url: String(endpoint),
			headers: { host, 'content-type': 'application/json' },
			token: await idToken(),
			body: { delivery: 'bearer' },
		});
		expect(login.status).toBe(201);
		const token = String(login.json['token']);
		expect((await ask('GET', '/v1/authorize?service=profile', token)).status).toBe(204);
		expect((await ask('DELETE', '/v1/session', token)).status).toBe(204);
		expect((await ask('GET', '/v1/authorize?service=profile', token)).status).toBe(401);
		expect(await ask('GET', '/v1/nothing')).toMatchObject({ status: 404, json: { code: 'route_unknown' } });
	});
});
