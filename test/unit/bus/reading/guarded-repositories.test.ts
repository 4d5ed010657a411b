import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	decayed,
	initialLatency,
	withLoad,
	withUnfinishedLoad,
} from '../../../../functions/bus/reading/guarded-repositories.ts';

const expectedMs = 5;
const usual = initialLatency(expectedMs);

test('a repository that nobody has asked is expected to be as fast as usual', () => {
	expect(usual.ms).toBe(expectedMs);
});

test('one slow load counts at once and in full', () => {
	expect(withLoad(usual, 200, 1).ms).toBe(200);
});

test('a fast load right after a slow one does not hide it', () => {
	expect(withLoad(withLoad(usual, 200, 1), 4, 1).ms).toBeGreaterThan(199);
});

test('fast loads over some time do', () => {
	let latency = withLoad(usual, 200, 1);
	for (let load = 0; load < 100; load++) latency = withLoad(latency, 4, 150);
	expect(latency.ms).toBeLessThan(6);
});

test('with no news, a slow repository is taken for faster than 25 ms again after seven seconds, not after three', () => {
	const slow = withLoad(usual, 200, 1);
	expect(decayed(slow, expectedMs, 3_000).ms).toBeGreaterThan(25);
	expect(decayed(slow, expectedMs, 7_000).ms).toBeLessThan(25);
});

test('a clock that went back makes forget, and breaks nothing', () => {
	const slow = withLoad(usual, 200, 1);
	expect(decayed(slow, expectedMs, Number.POSITIVE_INFINITY).ms).toBe(expectedMs);
	expect(withLoad(slow, 4, Number.POSITIVE_INFINITY).ms).toBe(4);
});

test('a load that has not ended makes the figure no better', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 2_000 }), (tookMs, soFarMs) => {
			const before = withLoad(usual, tookMs, 1);
			const after = withUnfinishedLoad(before, expectedMs, soFarMs, 0);
			expect(after.ms).toBe(Math.max(before.ms, soFarMs));
		}),
	);
});
