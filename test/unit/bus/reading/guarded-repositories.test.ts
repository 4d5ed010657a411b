import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	latencyAfterLoad,
	latencyDuringLoad,
	latencyWithoutNews,
} from '../../../../functions/bus/reading/guarded-repositories.ts';

const expectedMs = 5;
/** The figure after a slow load. */
const slowMs = 200;

describe('the latency of a repository', () => {
	test('is the usual one when nobody has asked it yet', () => {
		expect(latencyWithoutNews({ latencyMs: expectedMs, expectedMs, sinceMs: 60_000 })).toBe(expectedMs);
	});

	test('is that of a slow load at once and in full', () => {
		expect(latencyAfterLoad({ latencyMs: expectedMs, expectedMs, sinceMs: 1 }, slowMs)).toBe(slowMs);
	});

	test('stays high after one fast load that follows a slow one', () => {
		expect(latencyAfterLoad({ latencyMs: slowMs, expectedMs, sinceMs: 1 }, 4)).toBeGreaterThan(199);
	});

	test('comes down with fast loads over some time', () => {
		let latencyMs = slowMs;
		for (let load = 0; load < 100; load++) latencyMs = latencyAfterLoad({ latencyMs, expectedMs, sinceMs: 150 }, 4);
		expect(latencyMs).toBeLessThan(6);
	});

	test('falls below 25 ms after seven seconds without news, and not after three', () => {
		const slow = { latencyMs: slowMs, expectedMs };
		expect(latencyWithoutNews({ ...slow, sinceMs: 3_000 })).toBeGreaterThan(25);
		expect(latencyWithoutNews({ ...slow, sinceMs: 7_000 })).toBeLessThan(25);
	});

	test('is forgotten when the clock went back', () => {
		const slow = { latencyMs: slowMs, expectedMs, sinceMs: Number.POSITIVE_INFINITY };
		expect(latencyWithoutNews(slow)).toBe(expectedMs);
		expect(latencyAfterLoad(slow, 4)).toBe(4);
	});

	test('does not improve by a load that has not ended', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 2_000 }), (tookMs, soFarMs) => {
				const latencyMs = latencyAfterLoad({ latencyMs: expectedMs, expectedMs, sinceMs: 1 }, tookMs);
				const after = latencyDuringLoad({ latencyMs, expectedMs, sinceMs: 0 }, soFarMs);
				expect(after).toBe(Math.max(latencyMs, soFarMs));
			}),
		);
	});
});
