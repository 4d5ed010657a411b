import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/**
 * The keys of tokens. The current key signs, and all of them verify, so a key can be replaced
 * without ending a session. MAC keys are `KeyObject`s: an HMAC with raw bytes takes five times as
 * long.
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
	/** Signs records of sessions. It is derived from the token key, and tells nothing about it. */
	readonly recordKey: KeyObject;
}

/** One key of a keyring's text. */
export interface KeyEntry {
	/** Four characters that name the key in a token. */
	readonly id: string;
	readonly secret: Buffer;
	/**
	 * A `next` key verifies and does not sign yet. A `previous` key verifies and no longer signs.
	 */
	readonly role: KeyRole;
	/**
	 * When the key got its role, in milliseconds since the Unix epoch. Missing if nobody has
	 * recorded it.
	 */
	readonly sinceMs?: number;
}

export type KeyRole = 'current' | 'next' | 'previous';

/**
 * How old a keyring may be before an instance must read it again, to sign with it or to refuse a
 * key that is not in it. Every instance knows a key this long after it was published.
 */
export const keyringFreshMs = 5 * 60_000;

/**
 * How old a keyring may be to sign with if it cannot be read again. An outage should be repaired
 * within a day. A previous key is kept for this long beyond the sessions that it may have signed
 * for.
 */
export const signingAgeMaxMs = 24 * 3_600_000;

/** As long as the output of the hash (RFC 2104 section 3). */
export const keySecretBytes = 32;

/** Room for a current, a next and two previous keys. More would only hide mistakes. */
export const keysMax = 4;

const keyIdPattern = /^[A-Za-z0-9_-]{4}$/;

/**
 * @param text as `parseKeyEntries` reads it.
 * @throws when the text is wrong. The message never quotes a secret.
 */
export function parseKeyring(text: string): Keyring {
	return keyringOf(parseKeyEntries(text));
}

/** @param entries at least the current key, which comes first. */
export function keyringOf(entries: readonly KeyEntry[]): Keyring {
	const list = entries.map(({ id, secret }) => ({ id, key: createSecretKey(secret), recordKey: recordKeyOf(secret) }));
	const [current] = list;
	if (current === undefined) throw new Error('the token keyring is empty');
	return { current, keys: new Map(list.map((key) => [key.id, key])) };
}

/** RFC 5869. The label keeps signatures of records apart from those of tokens. */
function recordKeyOf(secret: Buffer): KeyObject {
	const bytes = hkdfSync('sha256', secret, Buffer.alloc(0), 'leasehold session record 1', keySecretBytes);
	return createSecretKey(Buffer.from(bytes));
}

/**
 * @param text JSON: `[{ "id": "k001", "secret": "<base64, 32 bytes or more>" }, …]`, the current
 * key first. `role` (`next` or `previous`) and `sinceMs` are for the rotation. A single such key
 * without the array is read too, because Secrets Manager can generate nothing else.
 * @throws when the text is wrong. The message never quotes a secret.
 */
export function parseKeyEntries(text: string): readonly KeyEntry[] {
	const value = parseJson(text);
	const entries = isOneKey(value) ? [value] : value;
	if (!Array.isArray(entries) || entries.length === 0 || entries.length > keysMax)
		throw new Error(`the token keyring must be a JSON array of 1 to ${keysMax} keys`);
	const keys = entries.map(parseEntry);
	if (new Set(keys.map(({ id }) => id)).size !== keys.length)
		throw new Error('two keys of the token keyring have the same id');
	return keys;
}

/** The text that `parseKeyEntries` reads. */
export function encodeKeyEntries(keys: readonly KeyEntry[]): string {
	return JSON.stringify(keys.map((key) => ({ ...key, secret: key.secret.toString('base64') })));
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Without its cause: a JSON error quotes the text, and the text is the secret.
		throw new Error('the token keyring is not JSON');
	}
}

function isOneKey(value: unknown): boolean {
	return typeof value === 'object' && value !== null && 'id' in value;
}

function parseEntry(entry: unknown, index: number): KeyEntry {
	const { id, secret, role, sinceMs, ...unknown } = (entry ?? {}) as Readonly<Record<string, unknown>>;
	if (typeof id !== 'string' || !keyIdPattern.test(id))
		throw new Error(`key ${index} of the token keyring needs an id of four letters or digits`);
	const bytes = typeof secret === 'string' ? Buffer.from(secret, 'base64') : Buffer.alloc(0);
	if (bytes.length < keySecretBytes)
		throw new Error(`key ${id} of the token keyring needs a secret of at least ${keySecretBytes} bytes in base64`);
	if (role === 'current' ? index !== 0 : role !== undefined && (index === 0 || !isLaterRole(role)))
		throw new Error(`key ${id} of the token keyring: the first key is current, the others are next or previous`);
	if (sinceMs !== undefined && !(Number.isSafeInteger(sinceMs) && Number(sinceMs) >= 0))
		throw new Error(`key ${id} of the token keyring: sinceMs must be milliseconds since 1970`);
	return {
		// A later version may have added fields. The rotation writes them back.
		...unknown,
		id,
		secret: bytes,
		role: index === 0 ? 'current' : isLaterRole(role) ? role : 'previous',
		...(sinceMs === undefined ? {} : { sinceMs: Number(sinceMs) }),
	};
}

function isLaterRole(role: unknown): role is 'next' | 'previous' {
	return role === 'next' || role === 'previous';
}
