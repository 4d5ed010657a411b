import { type KeyEntry, keyringFreshMs, keysMax, signingAgeMaxMs } from '../access/keyring.ts';

/** The times that a rotation depends on. */
export interface RotationTime {
	readonly nowMs: number;
	/**
	 * When the keyring that is rotated became the current one. No instance can have known it
	 * earlier.
	 */
	readonly publishedAtMs: number;
	/** How long a session can live, and so its token. */
	readonly absoluteMs: number;
}

/**
 * How long a key is published before it signs. After `keyringFreshMs`, every instance has the key
 * or reads the keyring again. The rest is a margin for replicas of the secret that lag behind and
 * for clock differences.
 */
export const settleMs = 3 * keyringFreshMs;

/**
 * The next keyring, after every step that is due:
 * - removes keys with which no valid token can be signed,
 * - lets the next key sign once every instance knows it,
 * - publishes another next key.
 *
 * A token is valid at every instance for as long as its session lives, with whichever keyring an
 * instance has signed it.
 *
 * A key whose role has just changed gets no `sinceMs`: its time in that role begins only when this
 * keyring becomes the current one. The next rotation records it.
 */
export function rotateKeyring(
	keys: readonly KeyEntry[],
	time: RotationTime,
	newKey: () => Pick<KeyEntry, 'id' | 'secret'>,
): readonly KeyEntry[] {
	const kept = keys.map((key) => dated(key, time)).filter((key) => !isOutlived(key, time));
	const promoted = promote(kept, time);
	if (promoted.some(({ role }) => role === 'next') || promoted.length >= keysMax) return promoted;
	return [...promoted, { ...newKey(), role: 'next' }];
}

function dated(key: KeyEntry, { publishedAtMs }: RotationTime): KeyEntry {
	return key.sinceMs === undefined ? { ...key, sinceMs: publishedAtMs } : key;
}

/**
 * Whether every session has ended for which an instance may have signed with this key, at the
 * latest while it still took the key for the current one.
 */
function isOutlived({ role, sinceMs = 0 }: KeyEntry, { nowMs, absoluteMs }: RotationTime): boolean {
	return role === 'previous' && nowMs - sinceMs >= absoluteMs + signingAgeMaxMs + settleMs;
}

function promote(keys: readonly KeyEntry[], { nowMs }: RotationTime): readonly KeyEntry[] {
	const next = keys.find(({ role, sinceMs = 0 }) => role === 'next' && nowMs - sinceMs >= settleMs);
	if (next === undefined) return keys;
	const demoted = keys.filter((key) => key !== next).map((key) => inRole(key, 'current', 'previous'));
	return [inRole(next, 'next', 'current'), ...demoted];
}

function inRole(key: KeyEntry, from: KeyEntry['role'], to: KeyEntry['role']): KeyEntry {
	const { sinceMs: _, ...rest } = key;
	return key.role === from ? { ...rest, role: to } : key;
}
