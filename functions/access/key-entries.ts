/** One key of a keyring's text. */
export interface KeyEntry {
	/** Four characters that name the key in a token. */
	readonly id: string;
	readonly secret: Buffer;
	/** `next` verifies and does not sign yet, `previous` verifies and signs no longer. */
	readonly role: KeyRole;
	/** Since when it has been in its role; missing where that was not written down. */
	readonly sinceMs?: number;
}

export type KeyRole = 'current' | 'next' | 'previous';

const keyIdPattern = /^[A-Za-z0-9_-]{4}$/;
/** As long as the output of the hash (RFC 2104 section 3). */
export const keySecretBytes = 32;
/** Current, next, previous, and the one before; more would only make mistakes harder to see. */
export const keysMax = 4;

/**
 * @param text JSON: `[{ "id": "k001", "secret": "<base64, 32 bytes or more>" }, …]`, the current key first; `role` (`next`
 * or `previous`) and `sinceMs` are for rotation. Or one such key alone, which is all that Secrets Manager can make by itself.
 * @throws naming what is wrong, never the secret.
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
	const { id, secret, role, sinceMs } = (entry ?? {}) as Readonly<Record<string, unknown>>;
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
		id,
		secret: bytes,
		role: index === 0 ? 'current' : isLaterRole(role) ? role : 'previous',
		...(sinceMs === undefined ? {} : { sinceMs: Number(sinceMs) }),
	};
}

function isLaterRole(role: unknown): role is 'next' | 'previous' {
	return role === 'next' || role === 'previous';
}
