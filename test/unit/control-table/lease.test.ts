import { describe, expect, test } from 'vitest';
import { holds, type Lease, renewalDue, standingOf } from '../../../functions/control-table/lease.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import { exampleInstanceId } from '../../support/example-session.ts';

const timing = { ...timingDefaults, leaseDurationMs: 9_000, maxStalenessMs: 2_000 };
const lease: Lease = { instanceId: exampleInstanceId(1), expiresAtMs: 10_000, sealed: false, syncedThroughMs: 0 };

describe('to others, a lease', () => {
	test.each([
		['is alive before its expiry', lease, 9_999, 'alive'],
		['is alive at its expiry', lease, 10_000, 'alive'],
		['is alive until the skew margin is over', lease, 10_500, 'alive'],
		['has expired once the skew margin is over', lease, 10_501, 'expired'],
		['is sealed once sealed, though it has not expired', { ...lease, sealed: true }, 0, 'sealed'],
		['is sealed rather than expired', { ...lease, sealed: true }, 20_000, 'sealed'],
		['that is missing counts as sealed', undefined, 0, 'sealed'],
	] as const)('%s', (_what, of, nowMs, standing) => {
		expect(standingOf(of, nowMs, 500)).toBe(standing);
	});
});

/** Renewed when the wall clock said 1,000 and the monotonic one 500; expires at 10,000. */
const held = { expiresAtMs: 10_000, since: { wallMs: 1_000, monotonicMs: 500 } };

describe('to its holder, a lease', () => {
	test.each([
		['holds when it was just renewed', 1_000, 500, true],
		['holds until just before its expiry', 9_999, 9_499, true],
		['is over at its expiry', 10_000, 9_500, false],
		['is over when the monotonic clock alone stood still, in a freeze', 10_000, 500, false],
		['is over when the wall clock alone stood still', 1_000, 9_500, false],
		['is over when the wall clock was set back within the time that has passed', 2_000, 9_500, false],
		['is over when the wall clock was set back to before the renewal, however little', 999, 501, false],
		[
			'is over when both clocks stand where it was renewed, but the wall clock was set back by a day',
			-86_399_000,
			500,
			false,
		],
		['is over when the wall clock was set forward beyond the expiry', 86_401_000, 501, false],
		['holds when the wall clock was set back, but by less than what has passed', 5_000, 9_499, true],
	])('%s', (_what, wallMs, monotonicMs, expected) => {
		expect(holds(held, { wallMs, monotonicMs }, timing)).toBe(expected);
	});

	test('is over at its expiry, even if that is closer than its duration', () => {
		const short = { ...held, expiresAtMs: 1_500 };
		expect(holds(short, { wallMs: 1_499, monotonicMs: 999 }, timing)).toBe(true);
		expect(holds(short, { wallMs: 1_500, monotonicMs: 1_000 }, timing)).toBe(false);
	});

	test.each([
		['is not due for renewal right away', 1_000, 500, false],
		['is not due just before a third is gone', 3_999, 3_499, false],
		['is due when a third is gone', 4_000, 3_500, true],
		['is due when a third is gone by the wall clock alone', 4_000, 500, true],
		['is due when a third is gone by the monotonic clock alone', 1_000, 3_500, true],
		['is due when the wall clock was set back', 999, 501, true],
	])('%s', (_what, wallMs, monotonicMs, due) => {
		expect(renewalDue(held, { wallMs, monotonicMs }, timing)).toBe(due);
	});
});
