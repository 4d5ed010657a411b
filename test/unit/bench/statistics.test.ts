import { describe, expect, test } from 'vitest';
import { pairedRatio } from '../../../bench/statistics/ratio.ts';
import { inRounds } from '../../../bench/statistics/rounds.ts';
import { median, summaryOf } from '../../../bench/statistics/summary.ts';

describe('a summary', () => {
	test('has the value in the middle, or the mean of the two in the middle', () => {
		expect(median([3, 1, 2])).toBe(2);
		expect(median([4, 1, 2, 3])).toBe(2.5);
		expect(summaryOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9, rounds: 3 });
	});

	test('is refused for no values', () => {
		expect(() => median([])).toThrow('no values');
	});
});

describe('a paired ratio', () => {
	test('compares the two values of each round, so that a slow round changes nothing', () => {
		expect(pairedRatio([20, 200, 20, 40], [10, 100, 10, 20])).toEqual({ kind: 'ratio', median: 2, low: 2, high: 2 });
	});

	test('has an interval within the ratios of the rounds', () => {
		const ratio = pairedRatio([20, 33, 44, 18, 25], [10, 11, 11, 9, 10]);
		expect(ratio).toMatchObject({ kind: 'ratio', median: 2.5 });
		expect(ratio.low).toBeGreaterThanOrEqual(2);
		expect(ratio.high).toBeLessThanOrEqual(4);
		expect(ratio.low).toBeLessThan(ratio.high);
	});

	test('says that there is no difference if the interval contains 1', () => {
		expect(pairedRatio([9, 11, 10, 12, 8], [10, 10, 10, 10, 10])).toMatchObject({ kind: 'no difference' });
		expect(pairedRatio([10, 10, 10], [10, 10, 10])).toEqual({ kind: 'no difference', low: 1, high: 1 });
	});

	test('is the same whenever it is computed from the same rounds', () => {
		// With so many rounds, two draws of resamples differ.
		const of = Array.from({ length: 60 }, (_, round) => 20 + Math.sin(round) * 9);
		const to = of.map((_, round) => 9 + Math.cos(7 * round));
		expect(pairedRatio(of, to)).toEqual(pairedRatio(of, to));
	});

	test('is refused for rounds that are not pairs, and for fewer than three', () => {
		expect(() => pairedRatio([1, 2, 3], [1, 2])).toThrow('not paired');
		expect(() => pairedRatio([1, 2], [1, 2])).toThrow('three rounds');
	});
});

describe('rounds', () => {
	test('have the opposite order every other time, and keep each value in its round', async () => {
		const order: string[] = [];
		const rounds = await inRounds(['a', 'b'], 3, (name, round) => {
			order.push(name);
			return { value: round };
		});
		expect(order.join('')).toBe('abbaab');
		expect(rounds.get('b')).toEqual([{ value: 0 }, { value: 1 }, { value: 2 }]);
	});
});
