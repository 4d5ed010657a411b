import { describe, expect, test } from 'vitest';
import { call, deployed, idToken } from './client.ts';

const { functionUrl: url } = deployed;

describe.runIf(url !== undefined)('the function URL of an emulator', () => {
	const through = url === undefined ? {} : { url };

	test('gives the session servers the events that they know, from login to logout', async () => {
		const body = { delivery: 'bearer' };
		const login = await call('POST', '/v1/sessions', { ...through, token: await idToken(), body });
		expect(login).toMatchObject({ status: 201, json: { token: expect.any(String) } });
		const token = String(login.json['token']);
		const authorized = () => call('GET', '/v1/authorize?service=billing', { ...through, token });
		expect(await authorized()).toMatchObject({ status: 204 });
		expect(await call('DELETE', '/v1/session', { ...through, token })).toMatchObject({ status: 204 });
		expect(await authorized()).toMatchObject({ status: 401 });
	});

	test('answers an unknown path with 404, as the API does', async () => {
		expect(await call('GET', '/v1/nothing', through)).toMatchObject({ status: 404, json: { code: 'route_unknown' } });
	});
});
