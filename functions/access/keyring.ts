import { createSecretKey, type KeyObject } from 'node:crypto';
import { type KeyEntry, parseKeyEntries } from './key-entries.ts';

/**
 * The keys that tokens are signed with: the current one signs, all of them verify, so that a key can be replaced without
 * ending a session. MAC keys are kept as `KeyObject`s, with which an HMAC costs a fifth of one with raw bytes.
 */
export interface Keyring {
	readonly current: TokenKey;
	/** By key id. */
	readonly keys: ReadonlyMap<string, TokenKey>;
}

export interface TokenKey {
	/** Four characters that name the key in a token. */
	readonly id: string;
	readonly key: KeyObject;
}

/**
 * How old a keyring may be for an instance to sign with it, or to call a key that is not in it nobody's, without another
 * look. A key is known to everyone this long after it was published.
 */
export const keyringFreshMs = 5 * 60_000;

/**
 * How old a keyring may be to be signed with when another look fails. Within a day someone has brought back what is away;
 * a previous key is kept for this long beyond the sessions that it may have signed for.
 */
export const signingAgeMaxMs = 24 * 3_600_000;

/** @param text as `parseKeyEntries` reads it. @throws naming what is wrong, never the secret. */
export function parseKeyring(text: string): Keyring {
	return keyringOf(parseKeyEntries(text));
}

/** @param entries the current one first, at least that one. */
export function keyringOf(entries: readonly KeyEntry[]): Keyring {
	const list = entries.map(({ id, secret }) => ({ id, key: createSecretKey(secret) }));
	const [current] = list;
	if (current === undefined) throw new Error('the token keyring is empty');
	return { current, keys: new Map(list.map((key) => [key.id, key])) };
}
