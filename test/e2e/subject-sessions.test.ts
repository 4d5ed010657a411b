import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authorize, call, deployed, login } from './client.ts';

const { quotaMax } = deployed;

async function handleOf(token: string): Promise<string> {
	return String((await call('GET', '/v1/session', { token })).json['handle']);
}

async function listed(token: string): Promise<readonly unknown[]> {
	const { status, json } = await call('GET', '/v1/sessions', { token });
	expect(status).toBe(200);
	return json['sessions'] as readonly unknown[];
}

/* Each test logs in as a new subject, so it needs an issuer. */
describe.runIf('issuer' in deployed.idTokens)('the sessions of a subject', () => {
	test('a client lists its sessions, newest first, and ends one of them or all others', async () => {
		const subject = `list-${randomUUID()}`;
		const tokens = [await login({ subject }), await login({ subject }), await login({ subject })] as const;
		const [first, second, third] = await Promise.all(tokens.map(handleOf));
		expect(await listed(tokens[0])).toMatchObject([
			{ handle: third, current: false },
			{ handle: second, current: false },
			{ handle: first, current: true },
		]);

		expect((await call('DELETE', `/v1/sessions/${third}`, { token: tokens[0] })).status).toBe(204);
		expect(await listed(tokens[0])).toMatchObject([{ handle: second }, { handle: first }]);

		const others = await call('DELETE', '/v1/sessions', { token: tokens[0] });
		expect(others).toMatchObject({ status: 200, json: { ended: 1, complete: true } });
		expect(await listed(tokens[0])).toMatchObject([{ handle: first }]);
		expect((await authorize(tokens[0])).status).toBe(204);
	});

	test('a client cannot end a session of another subject', async () => {
		const [mine, theirs] = [await login({ subject: `mine-${randomUUID()}` }), await login()];
		const ended = await call('DELETE', `/v1/sessions/${await handleOf(theirs)}`, { token: mine });
		expect(ended.json).toMatchObject({ status: 404, code: 'handle_unknown' });
		expect((await authorize(theirs)).status).toBe(204);
	});

	test.runIf(quotaMax !== undefined)('a login beyond the quota ends the oldest session', async () => {
		const subject = `quota-${randomUUID()}`;
		const tokens: string[] = [];
		for (let count = 0; count <= Number(quotaMax); count++) tokens.push(await login({ subject }));
		const [oldest = '', next = ''] = tokens;
		expect(await listed(tokens.at(-1) ?? '')).toHaveLength(Number(quotaMax));
		const asked = await call('GET', '/services/vault/secret', { token: oldest });
		expect(asked.json).toMatchObject({ status: 401, code: 'session_revoked' });
		expect((await authorize(next)).status).toBe(204);
	});
});
