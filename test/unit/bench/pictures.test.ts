import { describe, expect, test } from 'vitest';
import { programs } from '../../../bench/contenders/programs.ts';
import { drawLineChart } from '../../../bench/pictures/line-chart.ts';
import { drawPictures } from '../../../bench/pictures/pictures.ts';
import { linear, logarithmic } from '../../../bench/pictures/scale.ts';
import { drawTradeOff } from '../../../bench/pictures/trade-off.ts';
import { resultMarkdown, verdict } from '../../../bench/results/markdown.ts';
import { figuresOf, type Result } from '../../../bench/results/result.ts';
import { pictures } from '../../../docs/pictures.ts';
import { table } from '../../../docs/tables/markdown.ts';

const rounds = new Map([
	[
		'leasehold',
		[
			{ p50: 1, 'remote calls per request': 0.1 },
			{ p50: 2, 'remote calls per request': 0.1 },
			{ p50: 1, 'remote calls per request': 0.1 },
		],
	],
	[
		'get-item',
		[
			{ p50: 8, 'remote calls per request': 1 },
			{ p50: 16, 'remote calls per request': 1 },
			{ p50: 9, 'remote calls per request': 1 },
		],
	],
	[
		'fast-jwt',
		[
			{ p50: 0.5, 'remote calls per request': 0 },
			{ p50: 1, 'remote calls per request': 0 },
			{ p50: 0.4, 'remote calls per request': 0 },
		],
	],
]);

const result: Result = {
	benchmark: 'system',
	size: 'full',
	machine: {
		takenAt: '2026-11-27T09:00:00.000Z',
		processor: 'Some Processor',
		cores: 2,
		memoryGb: 8,
		system: 'linux',
		node: '24.0.0',
		loadBefore: 0.1,
		commit: 'abc',
		versions: { 'fast-jwt': '6.0.0' },
	},
	settings: { dynamodb: 4 },
	figures: figuresOf('ten sessions', { p50: 'ms', 'remote calls per request': '' }, rounds),
	notes: ['A note.'],
};

describe('the pictures of the documents', () => {
	test('are those of the saved results; if not, run npm run docs', () => {
		for (const { text, drawn, absolutePath } of pictures()) expect(text, absolutePath).toBe(drawn);
	});

	test('show every contender that was measured, and Leasehold in another colour', () => {
		const picture = drawPictures({ system: result }).get('calls-and-revocation.svg') ?? '';
		for (const name of ['get-item', 'fast-jwt'] as const) expect(picture).toContain(`>${programs[name].title}<`);
		expect(picture).toMatch(/font-weight="700"[^>]*fill="#d55e00">Leasehold</);
		expect(picture).not.toContain(programs['iron-session'].title);
	});

	test('say that they are of a small run', () => {
		const titleOf = (size: Result['size']) =>
			/<title>(.*)<\/title>/.exec(
				drawPictures({ system: { ...result, size } }).get('calls-and-revocation.svg') ?? '',
			)?.[1];
		expect(titleOf('small')).toBe(`${titleOf('full')} (a small run)`);
	});

	test('are not drawn without a result', () => {
		expect(drawPictures({}).size).toBe(0);
	});
});

describe('a trade-off', () => {
	test('puts more calls further to the right, and a longer lag higher', () => {
		const picture = drawTradeOff('title', [
			{ name: 'cheap & slow', callsPerRequest: 0, worstLagSeconds: 43_200, isOurs: false },
			{ name: 'dear', callsPerRequest: 2, worstLagSeconds: 0, isOurs: false },
		]);
		const [cheap, dear] = [...picture.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
			Number(x),
			Number(y),
		]);
		expect(cheap?.[0]).toBeLessThan(dear?.[0] ?? 0);
		expect(cheap?.[1]).toBeLessThan(dear?.[1] ?? 0);
		expect(picture).toContain('cheap &amp; slow');
	});

	test('names contenders at the same place one below the other', () => {
		const at = (name: string) => ({ name, callsPerRequest: 0, worstLagSeconds: 0, isOurs: false });
		const picture = drawTradeOff('title', [at('first'), at('second')]);
		const heightOf = (name: string) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${name}<`).exec(picture)?.[1]);
		expect(heightOf('second')).toBe(heightOf('first') + 14);
	});
});

describe('scales', () => {
	test('have round ticks within their range', () => {
		expect(linear({ from: 0, to: 100 }, { from: 0, to: 10 }).ticks).toEqual([0, 20, 40, 60, 80, 100]);
		expect(logarithmic({ from: 1, to: 200 }, { from: 0, to: 10 }).ticks).toEqual([1, 10, 100]);
	});

	test('place the ends of the values at the ends of the axis', () => {
		const scale = logarithmic({ from: 1, to: 100 }, { from: 10, to: 30 });
		expect([1, 10, 100].map(scale.place)).toEqual([10, 20, 30]);
		expect(scale.place(0)).toBe(10);
		expect(linear({ from: 0, to: 4 }, { from: 50, to: 10 }).place(1)).toBe(40);
	});
});

test('a chart gives a contender the same colour in every panel', () => {
	const one = { name: 'one', points: [[0, 1] as const, [1, 2] as const] };
	const two = { name: 'two', points: [[0, 3] as const, [1, 4] as const] };
	const chart = drawLineChart({
		title: 't',
		x: 's',
		panels: [
			{ y: 'a', lines: [one, two] },
			{ y: 'b', lines: [two] },
		],
	});
	const strokes = [...chart.matchAll(/<path [^>]*stroke="(#\w+)"/g)].map(([, colour]) => colour);
	expect(strokes).toHaveLength(3);
	expect(strokes[1]).toBe(strokes[2]);
	expect(strokes[0]).not.toBe(strokes[1]);
});

describe('a result in Markdown', () => {
	const text = resultMarkdown(result, table);

	test('has median, spread, machine, versions and notes', () => {
		expect(text).toContain('| bare DynamoDB read | 9 (8–16) | 1 | 8× (8–9) |');
		expect(text).toContain('2026-11-27');
		expect(text).toContain('Some Processor');
		expect(text).toContain('fast-jwt 6.0.0');
		expect(text).toContain('- A note.');
	});

	test('says where a peer wins', () => {
		expect(text).toContain('**wins: 0.5×**');
		expect(verdict({ kind: 'no difference', low: 0.9, high: 1.1 })).toBe('no difference shown');
		expect(verdict({ kind: 'ratio', median: 3, low: 2, high: 4 })).not.toContain('wins');
	});

	test('warns of a small run', () => {
		expect(text).not.toContain('small run');
		expect(resultMarkdown({ ...result, size: 'small' }, table)).toContain('small run');
	});
});
