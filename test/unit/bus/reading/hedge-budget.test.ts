import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterHedge, afterRead, initialHedgeBudget } from '../../../../functions/bus/reading/hedge-budget.ts';

test('of any number of reads that are all slow, one and a twentieth are hedged at most', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 5_000 }), (reads) => {
			let budget = initialHedgeBudget;
			let hedges = 0;
			for (let read = 0; read < reads; read++) {
				budget = afterRead(budget);
				const left = afterHedge(budget);
				if (left === undefined) continue;
				budget = left;
				hedges++;
			}
			expect(hedges).toBeLessThanOrEqual(1 + reads / 20);
		}),
	);
});

test('reads that need no hedge save up for five, and no more', () => {
	let budget = initialHedgeBudget;
	for (let read = 0; read < 10_000; read++) budget = afterRead(budget);
	let hedges = 0;
	for (let left = afterHedge(budget); left !== undefined; left = afterHedge(left)) hedges++;
	expect(hedges).toBe(5);
});
