import { createSecretKey, type KeyObject } from 'node:crypto';

/**
 * The keys that tokens are signed with: the first one signs, all of them verify, so that a key can be replaced without
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

const keyIdPattern = /^[A-Za-z0-9_-]{4}$/;
/** As long as the output of the hash (RFC 2104 section 3). */
const secretBytesMin = 32;
/** Current, previous, and one on its way in; more would only make mistakes harder to see. */
const keysMax = 4;

/**
 * @param text JSON: `[{ "id": "k001", "secret": "<base64, 32 bytes or more>" }, …]`, the current key first.
 * @throws naming what is wrong, never the secret.
 */
export function parseKeyring(text: string): Keyring {
	const entries = parseJson(text);
	if (!Array.isArray(entries) || entries.length === 0 || entries.length > keysMax)
		throw new Error(`the token keyring must be a JSON array of 1 to ${keysMax} keys`);
	const list = entries.map(parseKey);
	const keys = new Map(list.map((key) => [key.id, key]));
	if (keys.size !== list.length) throw new Error('two keys of the token keyring have the same id');
	const [current] = list;
	if (current === undefined) throw new Error('the token keyring is empty');
	return { current, keys };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Without its cause: a JSON error quotes the text, and the text is the secret.
		throw new Error('the token keyring is not JSON');
	}
}

function parseKey(entry: unknown, index: number): TokenKey {
	const { id, secret } = (entry ?? {}) as { id?: unknown; secret?: unknown };
	if (typeof id !== 'string' || !keyIdPattern.test(id))
		throw new Error(`key ${index} of the token keyring needs an id of four letters or digits`);
	const bytes = typeof secret === 'string' ? Buffer.from(secret, 'base64') : Buffer.alloc(0);
	if (bytes.length < secretBytesMin)
		throw new Error(`key ${id} of the token keyring needs a secret of at least ${secretBytesMin} bytes in base64`);
	return { id, key: createSecretKey(bytes) };
}
