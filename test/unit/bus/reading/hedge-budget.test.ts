import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHedgeBudget } from '../../../../functions/bus/reading/hedge-budget.ts';

describe('the budget for hedges', () => {
	test('allows for one hedge at first and for one in twenty reads after that, when all reads are slow', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 5_000 }), (reads) => {
				const budget = createHedgeBudget();
				let hedges = 0;
				for (let read = 0; read < reads; read++) {
					budget.earn();
					if (budget.spend()) hedges++;
				}
				expect(hedges).toBeLessThanOrEqual(1 + reads / 20);
			}),
		);
	});

	test('saves up for five hedges and no more', () => {
		const budget = createHedgeBudget();
		for (let read = 0; read < 10_000; read++) budget.earn();
		let hedges = 0;
		while (budget.spend()) hedges++;
		expect(hedges).toBe(5);
	});
});
