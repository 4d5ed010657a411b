import { describe, expect, test } from 'vitest';
import { createDistributionSecret } from '../../../functions/session-server/distribution/secret.ts';
import { createSecretsManagerSecrets } from '../../../functions/session-server/distribution/secrets-manager-secret.ts';
import { apiRequest, type RequestDifference } from '../../support/api-request.ts';
import { loggedIn } from '../../support/logged-in.ts';
import { createMemoryDeployment } from '../../support/memory/memory-deployment.ts';
import { startSecretsManager } from '../../support/secrets-manager.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

const through = { 'x-leasehold-distribution': 's3cret' };

/** An API behind a distribution, and the token of a session of it. */
async function deployed(options: Parameters<typeof createMemoryDeployment>[1] = {}) {
	const secret = { isKnown: true };
	const deployment = createMemoryDeployment(['theme'], {
		distributionSecret: { accepts: async (test) => (secret.isKnown ? test('s3cret') : 'unavailable') },
		...options,
	});
	const ask = async (differing: RequestDifference) => {
		const response = await deployment.api(apiRequest(differing), 'r');
		const json: Record<string, unknown> = response.body?.startsWith('{') ? JSON.parse(response.body) : {};
		return { ...response, json };
	};
	const headers = { ...through, authorization: 'Bearer ada' };
	const { json } = await ask({ method: 'POST', path: '/v1/sessions', headers, body: '{"delivery":"bearer"}' });
	return { ask, secret, token: String(json['token']) };
}

describe('an API behind a distribution', () => {
	test.each([
		['without the secret', {}],
		['with an empty one', { 'x-leasehold-distribution': '' }],
		['with a wrong one', { 'x-leasehold-distribution': 's3cres' }],
		['with a longer one', { 'x-leasehold-distribution': 's3crett' }],
	])('refuses requests %s, also with a valid token', async (_what, headers) => {
		const { ask, token } = await deployed();
		for (const path of ['/v1/session', '/health', '/nothing', '/services/service/x']) {
			const { status, json } = await ask({ path, headers: { ...headers, authorization: `Bearer ${token}` } });
			expect([path, status, json['code']]).toEqual([path, 403, 'distribution_required']);
		}
	});

	test('answers requests with the secret', async () => {
		const { ask, token } = await deployed();
		expect((await ask({ headers: { ...through, authorization: `Bearer ${token}` } })).status).toBe(200);
	});

	test('believes the host of the client, so an old browser proves its origin', async () => {
		const { ask, token } = await deployed();
		const change = (host: string) =>
			ask({
				method: 'PATCH',
				headers: { ...through, host: 'x.execute-api', 'x-leasehold-host': host, origin: 'https://app.example.com' },
				cookies: [`__Host-Http-session=${token}`],
				body: '{"attributes":{"theme":"dark"}}',
			});
		expect((await change('app.example.com')).status).toBe(200);
		expect((await change('x.execute-api')).status).toBe(403);
	});

	test('counts failed logins by the address of the client', async () => {
		const { ask } = await deployed({ verifyIdToken: async () => ({ kind: 'refused', reason: 'no' }) });
		const logIn = async (viewer: string) =>
			(
				await ask({
					method: 'POST',
					path: '/v1/sessions',
					sourceAddress: '192.0.2.1',
					headers: { ...through, 'x-leasehold-viewer': viewer, authorization: 'Bearer x' },
				})
			).status;
		for (let sent = 0; sent < 100; sent++) await logIn('198.51.100.1');
		expect(await logIn('198.51.100.1')).toBe(429);
		expect(await logIn('198.51.100.2')).toBe(401);
	});

	test('sends services the host of the client, and neither the secret nor the address header', async () => {
		const sent: Record<string, string>[] = [];
		const { ask, token } = await deployed({
			services: [{ name: 'notes', url: 'http://notes.example' }],
			sendRequest: async ({ headers }) => {
				sent.push({ ...headers });
				return { kind: 'failed', reason: 'unreachable' };
			},
		});
		const headers = { ...through, host: 'x', 'x-leasehold-host': 'app.example.com', 'x-leasehold-viewer': '1.2.3.4' };
		await ask({ path: '/services/notes/', headers: { ...headers, authorization: `Bearer ${token}` } });
		expect(sent[0]).toMatchObject({ 'x-forwarded-host': 'app.example.com' });
		expect(JSON.stringify(sent)).not.toMatch(/s3cret|1\.2\.3\.4|x-leasehold/);
	});

	test('answers 503 while the secret is not known', async () => {
		const { ask, secret } = await deployed();
		secret.isKnown = false;
		expect((await ask({ headers: through })).status).toBe(503);
		expect((await ask({})).status).toBe(403);
	});
});

test('an API without a distribution does not believe the headers of one', async () => {
	const { ask, token } = await loggedIn();
	const headers = { host: 'a.example', 'x-leasehold-host': 'evil.example', origin: 'https://evil.example' };
	const request = { method: 'DELETE', headers, cookies: [`__Host-Http-session=${token}`] };
	expect((await ask(request)).status).toBe(403);
});

describe('the secret of a distribution', () => {
	test('is the present or the previous version, and a new one is found when it is first used', async () => {
		const clock = createSettableClock();
		const manager = await startSecretsManager('secret', 'first', () => 0);
		const known = createDistributionSecret(
			createSecretsManagerSecrets(manager.client, 'secret'),
			clock,
			() => undefined,
		);
		const accepts = (text: string) => known.accepts((one) => one === text);
		expect([await accepts('first'), await accepts('second')]).toEqual([true, false]);
		manager.replace('second');
		expect(await accepts('second')).toBe(false);
		clock.advance(10_000);
		expect([await accepts('second'), await accepts('first'), await accepts('third')]).toEqual([true, true, false]);
		await manager.close();
	});

	test('is not an empty one', async () => {
		const manager = await startSecretsManager('secret', '', () => 0);
		const clock = createSettableClock();
		const known = createDistributionSecret(
			createSecretsManagerSecrets(manager.client, 'secret'),
			clock,
			() => undefined,
		);
		expect(await known.accepts((one) => one === '')).toBe(false);
		await manager.close();
	});

	test('is unavailable until it was read once, and stays known while it cannot be read', async () => {
		const clock = createSettableClock();
		const manager = await startSecretsManager('secret', 'first', () => 0);
		const known = createDistributionSecret(
			createSecretsManagerSecrets(manager.client, 'secret'),
			clock,
			() => undefined,
		);
		const accepts = (text: string) => known.accepts((one) => one === text);
		manager.state.isDown = true;
		expect(await accepts('first')).toBe('unavailable');
		manager.state.isDown = false;
		expect(await accepts('first')).toBe('unavailable');
		clock.advance(1_000);
		expect(await accepts('first')).toBe(true);
		manager.state.isDown = true;
		clock.advance(60_000);
		expect([await accepts('first'), await accepts('second')]).toEqual([true, false]);
		await manager.close();
	});
});
