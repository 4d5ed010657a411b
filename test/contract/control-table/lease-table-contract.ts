import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LeaseTable } from '../../../functions/control-table/lease-table.ts';
import type { InstanceId } from '../../../functions/session/session.ts';
import { freshInstanceId } from '../../support/fresh-ids.ts';

/** A control table to run the contract against. */
export interface LeaseTableBed {
	/** Opens the table with its own client. */
	open(): LeaseTable;
	close?(): Promise<void>;
}

/** The contract of every adapter of the `LeaseTable` port. */
export function leaseTableContract(name: string, create: () => Promise<LeaseTableBed>): void {
	describe(`the ${name} lease table`, () => {
		let bed: LeaseTableBed;
		let table: LeaseTable;
		beforeAll(async () => {
			bed = await create();
			table = bed.open();
		});
		afterAll(() => bed.close?.());

		test('has no lease before one is acquired', async () => {
			expect(await table.read(freshInstanceId())).toBeUndefined();
		});

		test('has a lease as it was acquired, not sealed and not yet synced', async () => {
			const instanceId = await acquired(1_000);
			expect(await bed.open().read(instanceId)).toEqual({
				instanceId,
				expiresAtMs: 1_000,
				sealed: false,
				syncedThroughMs: 0,
			});
		});

		test('moves expiry and sync forward with a renewal', async () => {
			const instanceId = await acquired(1_000);
			expect(await table.renew(instanceId, 2_000, 500)).toBe('renewed');
			expect(await table.renew(instanceId, 3_000, 1_500)).toBe('renewed');
			expect(await bed.open().read(instanceId)).toMatchObject({ expiresAtMs: 3_000, syncedThroughMs: 1_500 });
		});

		test('renews a lease that has long expired but was not sealed', async () => {
			const instanceId = await acquired(1);
			expect(await table.renew(instanceId, Date.now(), 1)).toBe('renewed');
		});

		test('moves nothing back for a renewal that arrives late', async () => {
			const instanceId = await acquired(1_000);
			await table.renew(instanceId, 3_000, 1_500);
			expect(await bed.open().renew(instanceId, 2_000, 500)).toBe('renewed');
			expect(await table.read(instanceId)).toMatchObject({ expiresAtMs: 3_000, syncedThroughMs: 1_500 });
		});

		test('moves expiry and sync forward each on its own', async () => {
			const instanceId = await acquired(1_000);
			await table.renew(instanceId, 2_000, 1_500);
			expect(await table.renew(instanceId, 3_000, 1_400)).toBe('renewed');
			expect(await table.read(instanceId)).toMatchObject({ expiresAtMs: 3_000, syncedThroughMs: 1_500 });
			expect(await table.renew(instanceId, 2_500, 1_600)).toBe('renewed');
			expect(await table.read(instanceId)).toMatchObject({ expiresAtMs: 3_000, syncedThroughMs: 1_600 });
		});

		test('is not changed by a repeated renewal', async () => {
			const instanceId = await acquired(1_000);
			await table.renew(instanceId, 3_000, 1_500);
			expect(await table.renew(instanceId, 3_000, 1_500)).toBe('renewed');
			expect(await table.read(instanceId)).toMatchObject({ expiresAtMs: 3_000, syncedThroughMs: 1_500 });
		});

		test('reports the renewal of a missing lease as lost and makes no lease', async () => {
			const instanceId = freshInstanceId();
			expect(await table.renew(instanceId, 2_000, 1)).toBe('lost');
			expect(await table.read(instanceId)).toBeUndefined();
		});

		test('seals a lease for good if its expiry is the one that was seen', async () => {
			const instanceId = await acquired(1_000);
			expect(await bed.open().seal(instanceId, 1_000)).toBe('sealed');
			expect(await table.read(instanceId)).toMatchObject({ expiresAtMs: 1_000, sealed: true });
			expect(await table.renew(instanceId, 9_000, 5_000)).toBe('lost');
			expect(await table.read(instanceId)).toMatchObject({ expiresAtMs: 1_000, sealed: true, syncedThroughMs: 0 });
		});

		test.each([999, 1_001, 0])(
			'does not seal a lease if its expiry is not %i, which was seen',
			async (seenExpiresAtMs) => {
				const instanceId = await acquired(1_000);
				expect(await table.seal(instanceId, seenExpiresAtMs)).toBe('renewed');
				expect(await table.read(instanceId)).toMatchObject({ sealed: false });
				expect(await table.renew(instanceId, 2_000, 1)).toBe('renewed');
			},
		);

		test('does not seal a lease that was renewed since it was seen', async () => {
			const instanceId = await acquired(1_000);
			await bed.open().renew(instanceId, 2_000, 1);
			expect(await table.seal(instanceId, 1_000)).toBe('renewed');
			expect(await table.read(instanceId)).toMatchObject({ sealed: false, expiresAtMs: 2_000 });
		});

		test('reports a lease that was sealed before as sealed, with any expiry that was seen', async () => {
			const instanceId = await acquired(1_000);
			await table.seal(instanceId, 1_000);
			expect(await bed.open().seal(instanceId, 1_000)).toBe('sealed');
			expect(await bed.open().seal(instanceId, 999)).toBe('sealed');
		});

		test('reports a missing lease as sealed and makes no lease', async () => {
			const instanceId = freshInstanceId();
			expect(await table.seal(instanceId, 1_000)).toBe('sealed');
			expect(await table.read(instanceId)).toBeUndefined();
		});

		test('does not let a repeated acquisition unseal, shorten or lengthen a lease', async () => {
			const held = await acquired(1_000);
			await table.renew(held, 2_000, 1_500);
			const sealed = await acquired(1_000);
			await table.seal(sealed, 1_000);
			for (const expiresAtMs of [1_000, 9_000]) {
				await table.acquire(held, expiresAtMs);
				await table.acquire(sealed, expiresAtMs);
			}
			expect(await table.read(held)).toMatchObject({ expiresAtMs: 2_000, syncedThroughMs: 1_500, sealed: false });
			expect(await table.read(sealed)).toMatchObject({ expiresAtMs: 1_000, sealed: true });
			expect(await table.renew(sealed, 9_000, 1)).toBe('lost');
		});

		test('lists exactly the leases that are not sealed, in every shard', async () => {
			const ids = await Promise.all(Array.from({ length: 64 }, () => acquired(1_000)));
			const sealed = ids.slice(0, 20);
			for (const id of sealed) await table.seal(id, 1_000);
			const listed = await bed.open().listUnsealed();
			const listedIds = new Set(listed.map(({ instanceId }) => instanceId));
			expect(listedIds.size).toBe(listed.length);
			expect(ids.filter((id) => listedIds.has(id))).toEqual(ids.slice(20));
			expect(listed.find(({ instanceId }) => instanceId === ids[20])).toEqual(
				await table.read(ids[20] ?? freshInstanceId()),
			);
		});

		test('has exactly one winner whenever a renewal and a seal meet', { timeout: 60_000 }, async () => {
			const [holder, other] = [bed.open(), bed.open()];
			const winners = { renewal: 0, seal: 0 };
			for (let round = 0; round < 100; round++) {
				const instanceId = await acquired(1_000);
				const renew = () => holder.renew(instanceId, 2_000, 1);
				const seal = () => other.seal(instanceId, 1_000);
				const [renewed, sealed] = await (round % 2 === 0
					? Promise.all([renew(), seal()])
					: Promise.all([seal(), renew()]).then(([a, b]) => [b, a] as const));
				const lease = await table.read(instanceId);
				if (sealed === 'sealed') {
					winners.seal++;
					expect({ renewed, lease }).toMatchObject({ renewed: 'lost', lease: { sealed: true, expiresAtMs: 1_000 } });
				} else {
					winners.renewal++;
					expect({ renewed, lease }).toMatchObject({
						renewed: 'renewed',
						lease: { sealed: false, expiresAtMs: 2_000 },
					});
				}
			}
			expect(winners.renewal).toBeGreaterThan(0);
			expect(winners.seal).toBeGreaterThan(0);
		});

		test('tells several sealers of one lease the same outcome', { timeout: 60_000 }, async () => {
			for (let round = 0; round < 20; round++) {
				const instanceId = await acquired(1_000);
				const calls = [
					() => table.renew(instanceId, 2_000, 1),
					...times(5, () => () => bed.open().seal(instanceId, 1_000)),
				];
				const outcomes = await Promise.all((round % 2 === 0 ? calls : calls.reverse()).map((call) => call()));
				const { sealed } = (await table.read(instanceId)) ?? {};
				const expected = sealed ? ['lost', ...times(5, () => 'sealed')] : times(6, () => 'renewed');
				expect([...outcomes].sort()).toEqual(expected);
			}
		});

		async function acquired(expiresAtMs: number): Promise<InstanceId> {
			const instanceId = freshInstanceId();
			await table.acquire(instanceId, expiresAtMs);
			return instanceId;
		}
	});
}

function times<Result>(count: number, make: () => Result): Result[] {
	return Array.from({ length: count }, make);
}
