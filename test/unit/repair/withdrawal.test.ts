import { describe, test } from 'vitest';
import { createDraw, inSomeOrders } from '../../support/interleavings.ts';
import { beginnings, createStage } from '../../support/withdrawal-stage.ts';

// `npm run test:long` plays the first two of these in every order, and more orders of the third.
describe.each(Object.entries(beginnings))('when %s', (_beginning, begin) => {
	test.each(['ann', 'bob'] as const)(
		'no reader relies on DynamoDB too soon, in some orders of the steps of a logout of ann and a repair of %s',
		async (repaired) => {
			await inSomeOrders(150, createDraw(), async (gate) => {
				const stage = await createStage(gate, begin);
				await stage.play([stage.logOut(stage.ann), stage.repair(stage[repaired])]);
			});
		},
	);

	test('no reader relies on DynamoDB too soon, in some orders of two logouts and two repairs', async () => {
		await inSomeOrders(200, createDraw(), async (gate) => {
			const stage = await createStage(gate, begin);
			const { ann, bob } = stage;
			await stage.play([stage.logOut(ann), stage.logOut(bob), stage.repair(ann), stage.repair(bob)]);
		});
	});
});
