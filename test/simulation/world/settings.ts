import { parseKeyring } from '../../../functions/access/keyring.ts';
import type { Quota } from '../../../functions/access/quota.ts';
import { parseServiceCatalog } from '../../../functions/access/service-catalog.ts';
import { checkedTiming, type Timing } from '../../../functions/control-table/timing.ts';
import type { Timeouts } from '../../../functions/session-server/deployment/timeouts.ts';

/** The times of production, shortened so that a run sees them pass. */
export const timing: Timing = checkedTiming({
	leaseDurationMs: 2_500,
	skewMs: 500,
	maxStalenessMs: 2_000,
	feedRetentionMs: 15_000,
	feedAppendMs: 1_000,
	// Longer than the retention, so that only the check of a gap protects from what was deleted.
	copyAgeMs: 20_000,
	carriedAgeMs: 12_000,
	touchIntervalMs: 2_000,
});

export const timeouts: Timeouts = { absoluteMs: 60_000, idleMs: 24_000 };

/** One seed in seven has an age limit that sessions reach while they are used. */
export function timeoutsOf(seed: number): Timeouts {
	return seed % 7 === 3 ? { ...timeouts, absoluteMs: 14_000 } : timeouts;
}

export const keyring = parseKeyring(JSON.stringify([{ id: 'sim1', secret: Buffer.alloc(32, 's').toString('base64') }]));

export const catalog = parseServiceCatalog([
	{ name: 'drafts' },
	{ name: 'vault', freshness: 'strict' },
	{ name: 'news', degraded: 'allow' },
	{ name: 'admin', anyScope: ['admin'] },
]);

/**
 * The subjects of logins. Each has about four sessions in a run, two of them at the same moment.
 */
export const subjects = ['sim:ann', 'sim:ben', 'sim:cat', 'sim:dan', 'sim:eve', 'sim:fay', 'sim:gus'] as const;

/** One seed in three has a quota that logins reach. */
export function quotaOf(seed: number): Quota {
	if (seed % 3 !== 2) return ampleQuota;
	const actions = ['end-oldest', 'deny', 'end-next-expiring', 'end-oldest'] as const;
	return { max: 2, action: actions[Math.floor(seed / 3) % actions.length] ?? 'end-oldest' };
}

/** More than any run or story needs. */
export const ampleQuota: Quota = { max: 100, action: 'end-oldest' };

/** Room for about ten sessions, so that servers evict copies. */
export const copyBytesMax = 24_000;

/** The scopes and the level of every login. */
export const given = { scopes: ['read'], assuranceLevel: 1 } as const;
