import { describe, expect, test } from 'vitest';
import { crossingOf } from '../../../bench/cost/crossing.ts';
import { billedMs, type Counted, countedMessages, dollarsPerMillion } from '../../../bench/cost/dollars.ts';
import { countedPeer, peerDecisions } from '../../../bench/cost/peers.ts';

const nothing: Counted = {
	decisions: 1_000,
	reads: 0,
	writes: 0,
	gets: 0,
	puts: 0,
	invocations: 0,
	billedMs: 0,
	commands: 0,
	storeHours: 0,
};

describe('dollars for a million decisions', () => {
	test('are those of the calls, at list prices', () => {
		expect(dollarsPerMillion({ ...nothing, reads: 1_000 }).sum).toBeCloseTo(0.125);
		expect(dollarsPerMillion({ ...nothing, reads: 1_000, writes: 1_000 }).sum).toBeCloseTo(0.75);
		expect(dollarsPerMillion({ ...nothing, gets: 500, puts: 100, invocations: 1_000 }).sum).toBeCloseTo(0.9);
	});

	test('have the time of functions with half a GB', () => {
		expect(dollarsPerMillion({ ...nothing, billedMs: 1_000 })).toMatchObject({
			calls: 0,
			time: expect.closeTo(0.0067, 4),
		});
	});

	test('have a store that costs the same however few requests there are', () => {
		const at = (perSecond: number) => dollarsPerMillion(countedPeer(peerDecisions['connect-redis'], perSecond)).calls;
		expect(at(1)).toBeGreaterThan(2);
		expect(at(1_000)).toBeLessThan(0.01);
	});

	test('are more for a read and a write than for a read', () => {
		const of = (name: keyof typeof peerDecisions) => dollarsPerMillion(countedPeer(peerDecisions[name], 100)).sum;
		expect(of('fast-jwt')).toBeLessThan(of('get-item'));
		expect(of('get-item')).toBeLessThan(of('connect-dynamodb'));
	});
});

test('an invocation is billed in whole milliseconds, with a part of a processor', () => {
	expect(billedMs(0, 0.02)).toBe(1);
	expect(billedMs(4, 0)).toBe(4);
	expect(billedMs(4, 0.9)).toBe(8);
});

test('a message to the bus costs the calls that the bus makes', () => {
	expect(countedMessages({ touch: 10 }, 300)).toMatchObject({
		reads: 20,
		writes: 10,
		gets: 10,
		puts: 10,
		invocations: 10,
	});
	expect(countedMessages({}, 0)).toMatchObject({ reads: 0, invocations: 0, billedMs: 0 });
});

describe('the crossing of two curves', () => {
	const flat = [
		[1, 2],
		[10, 2],
		[100, 2],
	] as const;

	test('is interpolated between two sizes', () => {
		const rising = [
			[1, 1],
			[10, 1],
			[100, 3],
		] as const;
		expect(crossingOf(rising, flat)).toEqual({ kind: 'crosses', at: expect.closeTo(31.6, 1) });
		expect(crossingOf(flat, rising)).toEqual({ kind: 'dives', at: expect.closeTo(31.6, 1) });
	});

	test('is missing if one curve is above the other one everywhere', () => {
		const low = flat.map(([size]) => [size, 1] as const);
		expect(crossingOf(low, flat)).toEqual({ kind: 'below' });
		expect(crossingOf(flat, low)).toEqual({ kind: 'above' });
	});

	test('is refused for curves with other sizes', () => {
		expect(() => crossingOf(flat, [[1, 1]])).toThrow('no common point');
	});
});
