import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { instanceIdBytes, instanceIdOf, sessionIdBytes, sessionIdOf } from '../session/ids.ts';
import type { Credential, InstanceId, SecretHash, SessionId } from '../session/session.ts';
import type { Keyring, TokenKey } from './keyring.ts';

/**
 * The content of a token, which the client holds. A token has 84 bytes:
 *
 * | version | key id | session id | secret | owner at issue | age limit | HMAC-SHA256 over all before it |
 * |---|---|---|---|---|---|---|
 * | 1 | 4 | 16 | 16 | 12 | 3 | 32 |
 *
 * A token of version 1 has no age limit and is still read. Its 81 bytes and the 84 of version 2 are
 * multiples of three, so base64url has no spare bits. Every token has exactly one text, of 108 or
 * 112 characters.
 */
export interface Token {
	readonly sessionId: SessionId;
	readonly secretHash: SecretHash;
	/** The session's owner when the token was issued. It may have changed since. */
	readonly ownerHint: InstanceId;
	/**
	 * The session is over at this time, or up to a minute earlier. In milliseconds since the Unix
	 * epoch. Infinite if the token does not say.
	 */
	readonly overAtMs: number;
}

const version = 2;
const keyIdAt = 1;
const keyIdBytes = 4;
const sessionIdAt = keyIdAt + keyIdBytes;
const secretAt = sessionIdAt + sessionIdBytes;
/** 128 random bits (OWASP ASVS 5.0, 7.2.3). */
export const secretBytes = 16;
const ownerAt = secretAt + secretBytes;
const limitAt = ownerAt + instanceIdBytes;
const limitBytes = 3;
const macBytes = 32;
const tokenBytes = limitAt + limitBytes + macBytes;
export const tokenLength = (tokenBytes / 3) * 4;
/** The version of a token by the length of its text. */
const versions: ReadonlyMap<number, number> = new Map([
	[((limitAt + macBytes) / 3) * 4, 1],
	[tokenLength, version],
]);
const tokenPattern = /^[A-Za-z0-9_-]*$/;

/** The beginning of 2024. Three bytes of minutes from here last until November 2055. */
const limitsFromMs = 1_704_067_200_000;
const minuteMs = 60_000;
/** A limit that three bytes cannot tell. */
const unsaid = 0xffffff;

/** Issues the token of a session. `sessionIdRaw` and `secret` are 16 random bytes each. */
export function issueToken(
	keyring: Keyring,
	sessionIdRaw: Uint8Array,
	secret: Uint8Array,
	owner: InstanceId,
	absoluteExpiresAtMs: number,
): { text: string; token: Token } {
	const bytes = Buffer.alloc(tokenBytes);
	bytes[0] = version;
	bytes.write(keyring.current.id, keyIdAt, 'latin1');
	bytes.set(sessionIdRaw, sessionIdAt);
	bytes.set(secret, secretAt);
	bytes.write(owner, ownerAt, 'base64url');
	bytes.writeUIntBE(minutesOf(absoluteExpiresAtMs), limitAt, limitBytes);
	macOf(keyring.current, bytes).copy(bytes, tokenBytes - macBytes);
	return { text: bytes.toString('base64url'), token: contentOf(bytes) };
}

/**
 * Reads a token. Only a text that was signed with one of the keys passes, so a forged token costs
 * no I/O. `malformed` does not tell which part is wrong, so that it helps no attacker.
 */
export function readToken(keyring: Keyring, text: string): Token | 'malformed' {
	const bytes = bytesOf(text);
	if (bytes === undefined) return 'malformed';
	const key = keyring.keys.get(keyIdOf(bytes));
	if (key === undefined || !timingSafeEqual(macOf(key, bytes), bytes.subarray(-macBytes))) return 'malformed';
	return contentOf(bytes);
}

/**
 * The id of the key with which a text claims to be signed. `undefined`: the text does not have the
 * form of a token.
 */
export function claimedKeyId(text: string): string | undefined {
	const bytes = bytesOf(text);
	return bytes === undefined ? undefined : keyIdOf(bytes);
}

/** Whether a text has the length of a token. */
export function hasTokenLength(text: string): boolean {
	return versions.has(text.length);
}

/** The bytes of a text that has the form of a token. The length must be that of its version. */
function bytesOf(text: string): Buffer | undefined {
	if (!hasTokenLength(text) || !tokenPattern.test(text)) return undefined;
	const bytes = Buffer.from(text, 'base64url');
	return bytes[0] === versions.get(text.length) ? bytes : undefined;
}

function keyIdOf(bytes: Buffer): string {
	return bytes.toString('latin1', keyIdAt, sessionIdAt);
}

/** SHA-256 of a token's whole text, in base64url. It names a token that was verified before. */
export type TokenDigest = string & { readonly brand: 'TokenDigest' };

export function tokenDigest(text: string): TokenDigest {
	return hash('sha256', text, 'base64url') as TokenDigest;
}

function macOf(key: TokenKey, bytes: Buffer): Buffer {
	return createHmac('sha256', key.key).update(bytes.subarray(0, -macBytes)).digest();
}

/** Rounded up, so that the token never says that a session is over before it is. */
function minutesOf(absoluteExpiresAtMs: number): number {
	return Math.min(Math.max(0, Math.ceil((absoluteExpiresAtMs - limitsFromMs) / minuteMs)), unsaid);
}

function overAtMs(bytes: Buffer): number {
	const minutes = bytes.length < tokenBytes ? unsaid : bytes.readUIntBE(limitAt, limitBytes);
	return minutes === unsaid ? Number.POSITIVE_INFINITY : limitsFromMs + minutes * minuteMs;
}

function contentOf(bytes: Buffer): Token {
	return {
		sessionId: sessionIdOf(bytes.subarray(sessionIdAt, secretAt)),
		secretHash: hash('sha256', bytes.subarray(secretAt, ownerAt), 'base64url') as SecretHash,
		ownerHint: instanceIdOf(bytes.subarray(ownerAt, limitAt)),
		overAtMs: overAtMs(bytes),
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
