import { describe, expect, test } from 'vitest';
import { type Lease, standingOf } from '../../../functions/control-table/lease.ts';
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
