import { expect, onTestFinished, test } from 'vitest';
import { startRegionClient } from './region-client.ts';

/*
 * Each test has its own region. A repository that has missed a change is in doubt until it is
 * repaired, and its records are not believed while the other repository is down.
 */

test.each(['dynamodb', 's3'])(
	'everything works while %s is down, except that a logout is complete only after the repairs',
	async (repository) => {
		const client = await startRegionClient();
		onTestFinished(() => client.region.stop());
		const queues = async () => ((await client.control('GET', '/queues')) as { repairs: object }).repairs;
		const ended = await client.login();

		await client.control('PUT', `/services/${repository}`, { fault: 'error' });
		const token = await client.login();
		const changed = await client.call('PATCH', '/v1/session', { token, body: { attributes: { theme: 'dark' } } });
		expect(changed.status).toBe(200);
		const out = await client.call('DELETE', '/v1/session', { token: ended });
		expect(out).toMatchObject({ status: 202, json: { complete: false } });
		for (const target of ['session-server-1', 'session-server-2']) {
			const headers = { 'x-local-target': target };
			expect((await client.call('GET', '/v1/authorize?service=profile', { token, headers })).status).toBe(204);
		}
		expect(await queues()).not.toEqual({ waiting: 0, inFlight: 0, dead: 0 });

		await client.control('PUT', `/services/${repository}`, { fault: 'none' });
		await expect.poll(queues, { timeout: 25_000, interval: 200 }).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
		expect((await client.call('DELETE', '/v1/session', { token: ended })).status).toBe(204);

		// The repairs have ended the doubts. So its records are believed while the other repository is
		// down and the instances have no copies.
		for (const name of ['session-server-1', 'session-server-2'])
			await client.control('POST', `/instances/${name}/kill`, {});
		const other = repository === 's3' ? 'dynamodb' : 's3';
		await client.control('PUT', `/services/${other}`, { fault: 'error' });
		const seen = await client.call('GET', '/v1/session', { token });
		expect(seen).toMatchObject({ status: 200, json: { attributes: { theme: 'dark' } } });
		expect(seen.evidence?.receipt?.chosen).toBe(repository);
	},
);

test('while DynamoDB is down, the list of sessions is a 503; logins work and are listed later', async () => {
	const client = await startRegionClient();
	onTestFinished(() => client.region.stop());
	const before = await client.login();
	await client.control('PUT', '/services/dynamodb', { fault: 'error' });
	const during = await client.login();
	const handle = (await client.call('GET', '/v1/session', { token: during })).json['handle'];
	expect(handle).toMatch(/^[A-Za-z0-9_-]{22}$/);
	for (const method of ['GET', 'DELETE']) {
		const called = await client.call(method, '/v1/sessions', { token: before });
		expect(called.json).toMatchObject({ status: 503, code: 'unavailable' });
		expect(called.headers.get('retry-after')).toBe('1');
	}
	expect((await client.call('GET', '/v1/authorize?service=profile', { token: during })).status).toBe(204);

	await client.control('PUT', '/services/dynamodb', { fault: 'none' });
	const handles = async () => {
		const { json } = await client.call('GET', '/v1/sessions', { token: before });
		return (json['sessions'] as { handle: string }[]).map((session) => session.handle);
	};
	await expect.poll(handles, { timeout: 15_000, interval: 200 }).toContain(handle);
});

test('while DynamoDB and the queue are down, a write is answered 503', async () => {
	const client = await startRegionClient();
	onTestFinished(() => client.region.stop());
	const token = await client.login();
	for (const service of ['dynamodb', 'queue']) await client.control('PUT', `/services/${service}`, { fault: 'error' });
	const out = await client.call('DELETE', '/v1/session', { token });
	expect(out.json).toMatchObject({ status: 503, code: 'unavailable' });
	const login = await client.call('POST', '/v1/sessions', { token: await client.region.mint({ subject: 'alan' }) });
	expect(login.status).toBe(503);
});
