import { expect, test } from 'vitest';
import { createWantsLine } from '../../../../functions/session-server/operations/authorize.ts';
import { loggedIn } from '../../../support/logged-in.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

async function setUp(warmLinesPerSecond: number) {
	const lines: Record<string, unknown>[] = [];
	const { ask, token } = await loggedIn({
		services: [{ name: 'notes' }, { name: 'vault', allScopes: ['vault'] }],
		warmLinesPerSecond,
		log: (_level, message, fields) => {
			if (message === 'request') lines.push({ ...fields });
		},
	});
	const headers = { authorization: `Bearer ${token}` };
	const authorize = (service: string) => ask({ path: `/v1/authorize/${service}`, headers });
	lines.length = 0; // The login's.
	return { ask, authorize, headers, operations: () => lines.map(({ operation, status }) => [operation, status]) };
}

test('an allowed decision from memory is not logged, while refusals, changes and logouts are', async () => {
	const { ask, authorize, headers, operations } = await setUp(0);
	expect(await authorize('notes')).toMatchObject({ status: 204 });
	expect(operations()).toEqual([]);
	await authorize('vault');
	await ask({ method: 'PATCH', headers, body: '{"attributes":{}}' });
	await ask({ method: 'DELETE', headers });
	expect(operations().map(([operation]) => operation)).toEqual(['authorize', 'update', 'logout']);
	expect(operations()[0]?.[1]).toBe(403);
});

test('as many allowed decisions from memory are logged each second as are wanted', async () => {
	const { authorize, operations } = await setUp(3);
	for (let count = 0; count < 9; count++) await authorize('notes');
	expect(operations().length).toBe(3);
});

test('the next second has lines again, and decisions that waited for a call always have one', () => {
	const clock = createSettableClock();
	const wants = createWantsLine(1, clock);
	const warm = { source: 'memory', remoteCalls: 0 } as Parameters<typeof wants>[0];
	expect([wants(warm), wants(warm)]).toEqual([true, false]);
	clock.advance(1_000);
	expect([wants(warm), wants(warm)]).toEqual([true, false]);
	for (const differing of [{ remoteCalls: 1 }, { source: 'failover' as const }, { source: 'borrowed' as const }])
		expect(wants({ ...warm, ...differing })).toBe(true);
});
