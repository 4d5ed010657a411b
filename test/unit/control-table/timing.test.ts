import { describe, expect, test } from 'vitest';
import { checkedTiming, feedOverlapMs, parseTiming, timingDefaults } from '../../../functions/control-table/timing.ts';

describe('timing', () => {
	test('keeps its invariants by default', () => {
		expect(parseTiming({})).toEqual(timingDefaults);
		expect(timingDefaults.maxStalenessMs).toBe(2_000);
	});

	test.each([
		['LEASEHOLD_LEASE_DURATION_MS', 'leaseDurationMs'],
		['LEASEHOLD_SKEW_MS', 'skewMs'],
		['LEASEHOLD_MAX_STALENESS_MS', 'maxStalenessMs'],
		['LEASEHOLD_FEED_RETENTION_MS', 'feedRetentionMs'],
		['LEASEHOLD_FEED_APPEND_MS', 'feedAppendMs'],
		['LEASEHOLD_COPY_AGE_MS', 'copyAgeMs'],
		['LEASEHOLD_CARRIED_AGE_MS', 'carriedAgeMs'],
		['LEASEHOLD_TOUCH_INTERVAL_MS', 'touchIntervalMs'],
	] as const)('%s sets %s and nothing else', (variable, field) => {
		const value = timingDefaults[field] + 1;
		expect(parseTiming({ [variable]: String(value) })).toEqual({ ...timingDefaults, [field]: value });
		for (const wrong of ['0', '-1', '1.5', 'soon', '1e400'])
			expect(() => parseTiming({ [variable]: wrong })).toThrow(variable);
	});

	test('is refused if the staleness bound is not shorter than the lease, and the error names both', () => {
		const relation = { leaseDurationMs: 3_000, maxStalenessMs: 3_000 };
		expect(() => checkedTiming({ ...timingDefaults, ...relation, maxStalenessMs: 3_007 })).toThrow(
			/staleness bound \(3007 ms\) .* lease \(3000 ms\)/,
		);
		expect(() => checkedTiming({ ...timingDefaults, ...relation })).toThrow('staleness bound (3000 ms)');
		const timing = { ...timingDefaults, ...relation, maxStalenessMs: 2_999 };
		expect(checkedTiming(timing)).toBe(timing);
	});

	test('is refused if the feed keeps entries for less than a lease and the overlap, and the error names both', () => {
		const ages = { carriedAgeMs: 5_000 };
		const timing = { ...timingDefaults, ...ages, leaseDurationMs: 10_000, skewMs: 500, feedAppendMs: 1_000 };
		expect(() => checkedTiming({ ...timing, feedRetentionMs: 11_999 })).toThrow(/12000 ms, not 11999 ms/);
		expect(checkedTiming({ ...timing, feedRetentionMs: 12_000 })).toMatchObject({ feedRetentionMs: 12_000 });
	});

	test('is refused unless the feed keeps entries for longer than clients carry copies, by three clocks', () => {
		const timing = { ...timingDefaults, carriedAgeMs: 20_000, skewMs: 500 };
		expect(() => checkedTiming({ ...timing, feedRetentionMs: 21_500 })).toThrow(/more than 21500 ms, not 21500 ms/);
		expect(checkedTiming({ ...timing, feedRetentionMs: 21_501 })).toMatchObject({ feedRetentionMs: 21_501 });
	});
});

test('a read of the feed reaches back by the skew of both clocks and the longest append', () => {
	expect(feedOverlapMs({ ...timingDefaults, skewMs: 30, feedAppendMs: 7 })).toBe(67);
});
