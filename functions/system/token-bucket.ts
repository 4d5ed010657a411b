import { createBoundedMap } from './bounded-map.ts';

/** How much one key may use. */
export interface Rate {
	/** The content of a full bucket. It may be used at once. */
	readonly burst: number;
	/** The amount that comes into the bucket each second. */
	readonly perSecond: number;
}

/**
 * The state of a bucket: when it will be full again, in milliseconds of running time. `undefined`:
 * it is full.
 */
export type FullAtMs = number | undefined;

/**
 * Takes `cost` from a bucket (the generic cell rate algorithm of ATM, which needs one number for
 * each bucket). If the bucket holds less, it stays as it is, and `waitMs` says when it will hold
 * enough.
 *
 * @param cost at most the burst
 */
export function take(
	fullAtMs: FullAtMs,
	cost: number,
	{ burst, perSecond }: Rate,
	nowMs: number,
): { readonly fullAtMs: FullAtMs; readonly waitMs: number } {
	const emptyMs = (burst * 1_000) / perSecond;
	// No bucket is emptier than empty. If one seems so, the clock went back.
	const fromMs = fullAtMs === undefined || fullAtMs > nowMs + emptyMs ? nowMs : Math.max(fullAtMs, nowMs);
	const afterMs = fromMs + (cost * 1_000) / perSecond;
	const waitMs = afterMs - nowMs - emptyMs;
	return waitMs > 0 ? { fullAtMs, waitMs } : { fullAtMs: afterMs, waitMs: 0 };
}

/** Buckets by key, in memory. They limit what one key can make this process do. */
export interface TokenBuckets<Key> {
	/**
	 * Takes `cost` from the key's bucket.
	 *
	 * @returns 0, or the milliseconds until the bucket will hold enough; then nothing was taken
	 */
	take(key: Key, cost: number, nowMs: number): number;
	/** As `take`, but takes nothing. */
	look(key: Key, cost: number, nowMs: number): number;
}

/**
 * An entry takes some 100 bytes. If a bucket is forgotten because there are more, it is full again,
 * which only helps its client.
 */
const bucketsMax = 10_000;

export function createTokenBuckets<Key>(rate: Rate): TokenBuckets<Key> {
	const buckets = createBoundedMap<Key, number>(bucketsMax);
	return {
		take: (key, cost, nowMs) => {
			const { fullAtMs, waitMs } = take(buckets.get(key), cost, rate, nowMs);
			if (waitMs === 0 && fullAtMs !== undefined) buckets.set(key, fullAtMs);
			return waitMs;
		},
		look: (key, cost, nowMs) => take(buckets.get(key), cost, rate, nowMs).waitMs,
	};
}
