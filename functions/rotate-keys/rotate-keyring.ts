import { type KeyEntry, keysMax } from '../access/key-entries.ts';
import { keyringFreshMs, signingAgeMaxMs } from '../access/keyring.ts';

/** When a rotation happens, and what it goes by. */
export interface RotationTime {
	readonly nowMs: number;
	/** Since when the keyring that is rotated has been the current one: earlier, nobody could know of it. */
	readonly publishedAtMs: number;
	/** How long a session, and so a token, can live. */
	readonly absoluteMs: number;
}

/**
 * How long a key is published before it signs. After `keyringFreshMs` every instance has it or looks again; the rest is for
 * copies of the secret that lag behind, and for clocks.
 */
export const settleMs = 3 * keyringFreshMs;

/**
 * The next keyring, by every step that is due: removes keys that no valid token can be signed with, lets the next key sign
 * once everyone knows it, and publishes another. A token that any instance signs, with any keyring that it may still sign
 * with, is valid at every other for as long as its session lives.
 *
 * A key whose role has just changed gets no `sinceMs`, since its time in that role begins when this keyring becomes the
 * current one. The rotation after writes it down.
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

/** What an instance may at the latest have signed with this key, which it then still took for the current one, has ended. */
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
	return key.role === from ? { id: key.id, secret: key.secret, role: to } : key;
}
