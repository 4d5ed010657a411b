import { describe, expect, test } from 'vitest';
import { createDraw, inEveryOrder, inSomeOrders } from '../../support/interleavings.ts';
import { beginnings, createStage } from '../../support/marker-stage.ts';

describe.each(Object.entries(beginnings))('when %s', (_beginning, begin) => {
	test('no reader believes DynamoDB too soon, in any order of the steps of a logout and a repair', async () => {
		const orders = await inEveryOrder(async (gate) => {
			const stage = await createStage(gate, begin);
			await stage.play([stage.logOut, stage.repair]);
		});
		expect(orders).toBeGreaterThan(30);
	});

	test('no reader believes DynamoDB too soon, in some orders of a logout and three repairs', async () => {
		await inSomeOrders(500, createDraw(), async (gate) => {
			const stage = await createStage(gate, begin);
			await stage.play([stage.logOut, stage.repair, stage.repair, stage.repair]);
		});
	});
});
