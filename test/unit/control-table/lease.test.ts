import { describe, expect, test } from 'vitest';
import { holds, type Lease, renewalDue, standingOf } from '../../../functions/control-table/lease.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import { exampleInstanceId } from '../../support/example-session.ts';

const timing = { ...timingDefaults, leaseDurationMs: 9_000, maxStalenessMs: 2_000 };
const lease: Lease = { instanceId: exampleInstanceId(1), expiresAtMs: 10_000, sealed: false, syncedThroughMs: 0 };

describe('others see that a lease', () => {
	test.each([
		['is alive before its expiry', lease, 9_999, 'alive'],
		['is alive at its expiry', lease, 10_000, 'alive'],
		['is alive until the skew margin has passed', lease, 10_500, 'alive'],
		['has expired once the skew margin has passed', lease, 10_501, 'expired'],
		['is alive as far ahead as any lease can be', { ...lease, expiresAtMs: 60_500 }, 0, 'alive'],
		['has expired if no lease can be so far ahead', { ...lease, expiresAtMs: 60_501 }, 0, 'expired'],
		['has expired if it expires in centuries', { ...lease, expiresAtMs: 9e15 }, 20_000, 'expired'],
		['is sealed even if it has not expired', { ...lease, sealed: true }, 0, 'sealed'],
		['is sealed rather than expired if it is both', { ...lease, sealed: true }, 20_000, 'sealed'],
		['is sealed if it is missing', undefined, 0, 'sealed'],
	] as const)('%s', (_what, of, nowMs, standing) => {
		expect(standingOf(of, nowMs, { ...timing, skewMs: 500, feedRetentionMs: 60_000 })).toBe(standing);
	});
});

/** Renewed at 1,000 by the wall clock and 500 by the monotonic clock. It expires at 10,000. */
const held = { expiresAtMs: 10_000, since: { wallMs: 1_000, monotonicMs: 500 } };

describe('its holder sees that a lease', () => {
	test.each([
		['holds right after its renewal', 1_000, 500, true],
		['holds until just before its expiry', 9_999, 9_499, true],
		['is over at its expiry', 10_000, 9_500, false],
		['is over if the monotonic clock stood still during a freeze', 10_000, 500, false],
		['is over if only the wall clock stood still', 1_000, 9_500, false],
		['is over if the wall clock was set back by less than the time that has passed', 2_000, 9_500, false],
		['is over if the wall clock was set back to a moment before the renewal', 999, 501, false],
		['is over if the wall clock was set back by a day right after the renewal', -86_399_000, 500, false],
		['is over if the wall clock was set forward beyond the expiry', 86_401_000, 501, false],
		['holds if the wall clock was set back while the monotonic clock has not reached the expiry', 5_000, 9_499, true],
	])('%s', (_what, wallMs, monotonicMs, expected) => {
		expect(holds(held, { wallMs, monotonicMs }, timing)).toBe(expected);
	});

	test('is over at its expiry, even if that comes before its full duration has passed', () => {
		const short = { ...held, expiresAtMs: 1_500 };
		expect(holds(short, { wallMs: 1_499, monotonicMs: 999 }, timing)).toBe(true);
		expect(holds(short, { wallMs: 1_500, monotonicMs: 1_000 }, timing)).toBe(false);
	});

	test.each([
		['is not due for renewal right after the last one', 1_000, 500, false],
		['is not due for renewal just before a third of it has passed', 3_999, 3_499, false],
		['is due for renewal once a third of it has passed', 4_000, 3_500, true],
		['is due for renewal once a third of it has passed by the wall clock alone', 4_000, 500, true],
		['is due for renewal once a third of it has passed by the monotonic clock alone', 1_000, 3_500, true],
		['is due for renewal if the wall clock was set back', 999, 501, true],
	])('%s', (_what, wallMs, monotonicMs, due) => {
		expect(renewalDue(held, { wallMs, monotonicMs }, timing)).toBe(due);
	});
});
