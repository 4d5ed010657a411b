import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createByteBudget } from '../../../../functions/session-server/memory/copies.ts';

describe('a budget of bytes', () => {
	test('evicts the least recently used values, and reports them', () => {
		const removed: unknown[] = [];
		const budget = createByteBudget<string, number>(3, (value, evicted) => removed.push([value, evicted]));
		for (const [index, key] of ['a', 'b', 'c'].entries()) budget.set(key, index, 1);
		expect(budget.get('a')).toBe(0);
		budget.set('d', 3, 2);
		expect(removed).toEqual([
			[1, true],
			[2, true],
		]);
		expect([budget.get('a'), budget.get('b'), budget.get('d'), budget.size()]).toEqual([0, undefined, 3, 2]);
	});

	test('refuses a value that is larger than the budget, and drops the value that it replaces', () => {
		const removed: unknown[] = [];
		const budget = createByteBudget<string, string>(3, (value, evicted) => removed.push([value, evicted]));
		expect(budget.set('a', 'old', 3)).toBe(true);
		expect(budget.set('a', 'new', 4)).toBe(false);
		expect([budget.get('a'), budget.bytes(), removed]).toEqual([undefined, 0, [['old', false]]]);
	});

	test('is never exceeded, and has the right size, after any sequence of calls', () => {
		const key = fc.integer({ min: 0, max: 9 });
		const step = fc.oneof(
			fc.record({ do: fc.constant('set' as const), key, bytes: fc.integer({ min: 0, max: 12 }) }),
			fc.record({ do: fc.constantFrom('get' as const, 'delete' as const), key }),
			fc.record({ do: fc.constant('clear' as const) }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const present = new Map<number, number>();
				const budget = createByteBudget<number, number>(10, (id) => present.delete(id));
				for (const one of steps) {
					if (one.do === 'clear') present.clear();
					if (one.do === 'clear') budget.clear();
					else if (one.do !== 'set')
						expect(budget[one.do](one.key)).toBe(one.do === 'get' && present.has(one.key) ? one.key : undefined);
					else if (budget.set(one.key, one.key, one.bytes)) present.set(one.key, one.bytes);
					expect(budget.size()).toBe(present.size);
					expect(budget.bytes()).toBe([...present.values()].reduce((sum, bytes) => sum + bytes, 0));
					expect(budget.bytes()).toBeLessThanOrEqual(10);
				}
			}),
		);
	});
});
