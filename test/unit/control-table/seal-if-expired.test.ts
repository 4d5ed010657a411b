import { expect, test } from 'vitest';
import type { LeaseTable } from '../../../functions/control-table/lease-table.ts';
import { createMemoryLeaseTable } from '../../../functions/control-table/memory/lease-table.ts';
import { sealIfExpired } from '../../../functions/control-table/seal-if-expired.ts';
import { timingDefaults as timing } from '../../../functions/control-table/timing.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import { exampleInstanceId, exampleStartMs } from '../../support/example-session.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

const holder = exampleInstanceId(1);
const expiresAtMs = exampleStartMs + timing.leaseDurationMs;

/** A lease that expires at `expiresAtMs`, seen when the skew margin after that has just passed. */
async function setUp() {
	const table = createMemoryLeaseTable();
	await table.acquire(holder, expiresAtMs);
	const clock = createSettableClock();
	clock.advance(timing.leaseDurationMs + timing.skewMs + 1);
	const look = (leases: LeaseTable = table, attemptsMax = 3) =>
		sealIfExpired({ leases, clock, timing }, holder, attemptsMax);
	return { table, clock, look };
}

test('an expired lease is sealed now, and at the second look it was sealed before', async () => {
	const { table, look } = await setUp();
	expect(await look()).toMatchObject({ kind: 'sealed', seal: 'now', lease: { expiresAtMs } });
	expect((await table.read(holder))?.sealed).toBe(true);
	expect(await look()).toMatchObject({ kind: 'sealed', seal: 'before', lease: { expiresAtMs } });
});

test('a lease that is missing counts as sealed before', async () => {
	const { look } = await setUp();
	expect(await look(createMemoryLeaseTable())).toEqual({ kind: 'sealed', seal: 'before', lease: undefined });
});

test('a lease within the skew margin after its expiry is alive and stays unsealed', async () => {
	const { table, clock, look } = await setUp();
	clock.setWall(expiresAtMs + timing.skewMs);
	expect(await look()).toMatchObject({ kind: 'alive', lease: { expiresAtMs }, seenAt: clock.now() });
	expect((await table.read(holder))?.sealed).toBe(false);
});

test('a holder that renews its lease before each seal counts as renewed after the last attempt', async () => {
	const { table, look } = await setUp();
	let reads = 0;
	const renewing: LeaseTable = {
		...table,
		read: async (id) => {
			reads++;
			return table.read(id);
		},
		seal: async () => 'renewed',
	};
	expect(await look(renewing, 2)).toEqual({ kind: 'renewed' });
	expect(reads).toBe(2);
});

test('a control table that does not answer is unreachable, whether it was asked to read or to seal', async () => {
	const { table, look } = await setUp();
	const fails = () => Promise.reject(new Unreachable('control table', undefined));
	expect(await look({ ...table, read: fails })).toEqual({ kind: 'unreachable' });
	expect(await look({ ...table, seal: fails })).toEqual({ kind: 'unreachable' });
});
