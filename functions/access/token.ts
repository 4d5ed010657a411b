import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { instanceIdBytes, instanceIdOf, sessionIdBytes, sessionIdOf } from '../session/ids.ts';
import type { Credential, InstanceId, SecretHash, SessionId } from '../session/session.ts';
import type { Keyring, TokenKey } from './keyring.ts';

/**
 * The content of a token, which the client holds. A token has 81 bytes:
 *
 * | version | key id | session id | secret | owner at issue | HMAC-SHA256 over all before it |
 * |---|---|---|---|---|---|
 * | 1 | 4 | 16 | 16 | 12 | 32 |
 *
 * 81 is a multiple of three, so base64url has no spare bits. Every token has exactly one text, of
 * 108 characters.
 */
export interface Token {
	readonly sessionId: SessionId;
	readonly secretHash: SecretHash;
	/** The session's owner when the token was issued. It may have changed since. */
	readonly ownerHint: InstanceId;
}

const version = 1;
const keyIdAt = 1;
const keyIdBytes = 4;
const sessionIdAt = keyIdAt + keyIdBytes;
const secretAt = sessionIdAt + sessionIdBytes;
/** 128 random bits (OWASP ASVS 5.0, 7.2.3). */
export const secretBytes = 16;
const ownerAt = secretAt + secretBytes;
const macAt = ownerAt + instanceIdBytes;
const macBytes = 32;
const tokenBytes = macAt + macBytes;
export const tokenLength = (tokenBytes / 3) * 4;
const tokenPattern = /^[A-Za-z0-9_-]{108}$/;

/** Issues the token of a session. `sessionIdRaw` and `secret` are 16 random bytes each. */
export function issueToken(
	keyring: Keyring,
	sessionIdRaw: Uint8Array,
	secret: Uint8Array,
	owner: InstanceId,
): { text: string; token: Token } {
	const bytes = Buffer.alloc(tokenBytes);
	bytes[0] = version;
	bytes.write(keyring.current.id, keyIdAt, 'latin1');
	bytes.set(sessionIdRaw, sessionIdAt);
	bytes.set(secret, secretAt);
	bytes.write(owner, ownerAt, 'base64url');
	macOf(keyring.current, bytes).copy(bytes, macAt);
	return { text: bytes.toString('base64url'), token: contentOf(bytes) };
}

/**
 * Reads a token. Only a text that was signed with one of the keys passes, so a forged token costs
 * no I/O. `malformed` does not tell which part is wrong, so that it helps no attacker.
 */
export function readToken(keyring: Keyring, text: string): Token | 'malformed' {
	if (!tokenPattern.test(text)) return 'malformed';
	const bytes = Buffer.from(text, 'base64url');
	if (bytes[0] !== version) return 'malformed';
	const key = keyring.keys.get(bytes.toString('latin1', keyIdAt, sessionIdAt));
	if (key === undefined || !timingSafeEqual(macOf(key, bytes), bytes.subarray(macAt))) return 'malformed';
	return contentOf(bytes);
}

/**
 * The id of the key with which a text claims to be signed. `undefined`: the text does not have the
 * form of a token.
 */
export function claimedKeyId(text: string): string | undefined {
	if (!tokenPattern.test(text)) return undefined;
	const bytes = Buffer.from(text, 'base64url');
	return bytes[0] === version ? bytes.toString('latin1', keyIdAt, sessionIdAt) : undefined;
}

/** SHA-256 of a token's whole text, in base64url. It names a token that was verified before. */
export type TokenDigest = string & { readonly brand: 'TokenDigest' };

export function tokenDigest(text: string): TokenDigest {
	return hash('sha256', text, 'base64url') as TokenDigest;
}

function macOf(key: TokenKey, bytes: Buffer): Buffer {
	return createHmac('sha256', key.key).update(bytes.subarray(0, macAt)).digest();
}

function contentOf(bytes: Buffer): Token {
	return {
		sessionId: sessionIdOf(bytes.subarray(sessionIdAt, secretAt)),
		secretHash: hash('sha256', bytes.subarray(secretAt, ownerAt), 'base64url') as SecretHash,
		ownerHint: instanceIdOf(bytes.subarray(ownerAt, macAt)),
	};
}

/**
 * Whether the session accepts a token's secret now: it is the current one, or the previous one
 * within its grace. The comparison need not take constant time: it compares hashes, and only the
 * holder of a secret has a token with its hash.
 */
export function acceptsSecret(credential: Credential, secretHash: SecretHash, nowMs: number): boolean {
	if (credential.secretHash === secretHash) return true;
	return (
		credential.previousSecretHash === secretHash &&
		credential.graceUntilMs !== undefined &&
		nowMs < credential.graceUntilMs
	);
}
