import { describe, expect, test } from 'vitest';
import { createDraw, inEveryOrder, inSomeOrders } from '../../support/interleavings.ts';
import { beginnings, createStage } from '../../support/withdrawal-stage.ts';

describe.each(Object.entries(beginnings))('when %s', (_beginning, begin) => {
	test.each(['ann', 'bob'] as const)(
		'no reader relies on DynamoDB too soon, in any order of the steps of a logout of ann and a repair of %s',
		async (repaired) => {
			const orders = await inEveryOrder(async (gate) => {
				const stage = await createStage(gate, begin);
				await stage.play([stage.logOut(stage.ann), stage.repair(stage[repaired])]);
			});
			expect(orders).toBeGreaterThan(200);
		},
	);

	test('no reader relies on DynamoDB too soon, in a thousand orders of two logouts and two repairs', async () => {
		await inSomeOrders(1_000, createDraw(), async (gate) => {
			const stage = await createStage(gate, begin);
			const { ann, bob } = stage;
			await stage.play([stage.logOut(ann), stage.logOut(bob), stage.repair(ann), stage.repair(bob)]);
		});
	});
});
