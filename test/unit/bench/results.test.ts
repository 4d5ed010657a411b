import { describe, expect, test } from 'vitest';
import { number, ratioText } from '../../../bench/results/numbers.ts';
import { figuresOf } from '../../../bench/results/result.ts';

const rounds = new Map([
	[
		'leasehold',
		[
			{ p50: 1, calls: 0 },
			{ p50: 2, calls: 0 },
			{ p50: 1, calls: 0 },
		],
	],
	[
		'slow',
		[
			{ p50: 4, calls: 1 },
			{ p50: 8, calls: 1 },
			{ p50: 5, calls: 1 },
		],
	],
	[
		'same',
		[
			{ p50: 2, calls: 0 },
			{ p50: 1, calls: 0 },
			{ p50: 1, calls: 0 },
		],
	],
]);

describe('figures', () => {
	const figures = figuresOf('work', { p50: 'ms', calls: '' }, rounds);
	const find = (contender: string, measure: string) =>
		figures.find((figure) => figure.contender === contender && figure.measure === measure);

	test('have median and spread of each contender and measure', () => {
		expect(figures).toHaveLength(6);
		expect(find('slow', 'p50')).toMatchObject({ workload: 'work', unit: 'ms', median: 5, min: 4, max: 8, rounds: 3 });
	});

	test('are compared with Leasehold, and Leasehold with nobody', () => {
		expect(find('slow', 'p50')?.toLeasehold).toMatchObject({ kind: 'ratio', median: 4 });
		expect(find('same', 'p50')?.toLeasehold).toMatchObject({ kind: 'no difference' });
		expect(find('leasehold', 'p50')).not.toHaveProperty('toLeasehold');
	});

	test('are not compared where a value is zero', () => {
		expect(find('slow', 'calls')).not.toHaveProperty('toLeasehold');
	});

	test('leave out measures that a contender does not have', () => {
		expect(figuresOf('work', { share: '%' }, rounds)).toEqual([]);
	});
});

describe('numbers', () => {
	test('have three digits', () => {
		expect([0, 0.12345, 1.2345, 12.345, 123.45, 12_345.6].map(number)).toEqual([
			'0',
			'0.123',
			'1.23',
			'12.3',
			'123',
			'12,346',
		]);
	});

	test('of a ratio show its interval, and none if the rounds show no difference', () => {
		expect(ratioText({ kind: 'ratio', median: 18, low: 15.52, high: 21.7 })).toBe('18× (15.5–21.7)');
		expect(ratioText({ kind: 'no difference', low: 0.8, high: 1.2 })).toBe('no difference shown');
		expect(ratioText(undefined)).toBe('');
	});
});
