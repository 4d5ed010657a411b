import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokenBuckets, type FullAtMs, take } from '../../../functions/system/token-bucket.ts';

const rate = { burst: 10, perSecond: 2 };

describe('a bucket', () => {
	test('gives its burst at once, then what comes in, and says how long to wait', () => {
		const buckets = createTokenBuckets<string>(rate);
		for (let taken = 0; taken < 10; taken++) expect(buckets.take('a', 1, 5_000)).toBe(0);
		expect(buckets.take('a', 1, 5_000)).toBe(500);
		expect(buckets.take('a', 2, 5_000)).toBe(1_000);
		expect(buckets.look('a', 1, 5_500)).toBe(0);
		expect(buckets.take('a', 1, 5_500)).toBe(0);
		expect(buckets.take('a', 1, 5_500)).toBe(500);
		expect(buckets.take('b', 10, 5_500)).toBe(0);
	});

	test('is full again if the clock goes back', () => {
		const { fullAtMs } = take(undefined, 10, rate, 90_000);
		expect(take(fullAtMs, 10, rate, 1_000)).toEqual({ fullAtMs: 6_000, waitMs: 0 });
	});

	test('gives no more than burst and rate allow in any order of requests, and never less when asked after the wait', () => {
		const requests = fc.array(fc.tuple(fc.nat({ max: 3_000 }), fc.integer({ min: 1, max: 10 })), { maxLength: 60 });
		fc.assert(
			fc.property(requests, (steps) => {
				let fullAtMs: FullAtMs;
				let nowMs = 0;
				let given = 0;
				for (const [laterMs, cost] of steps) {
					nowMs += laterMs;
					const taken = take(fullAtMs, cost, rate, nowMs);
					if (taken.waitMs === 0) given += cost;
					else expect(take(taken.fullAtMs, cost, rate, nowMs + taken.waitMs + 0.001).waitMs).toBe(0);
					fullAtMs = taken.fullAtMs;
				}
				expect(given).toBeLessThanOrEqual(rate.burst + (nowMs * rate.perSecond) / 1_000 + 1e-6);
			}),
		);
	});
});
