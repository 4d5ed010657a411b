import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import * as v from 'valibot';
import type { Keyring, TokenKey } from '../../../access/keyring.ts';
import type { RandomBytes } from '../../../system/random.ts';

/** The schema of what one request begins and the callback finishes. */
const pendingLoginSchema = v.strictObject({
	/** Ties the callback to this browser (RFC 9700 section 4.7). */
	state: v.string(),
	/** Ties the ID token to this login (OpenID Connect Core 1.0, section 3.1.2.1). */
	nonce: v.string(),
	/** Ties the code to this login (RFC 7636). */
	codeVerifier: v.string(),
	/** Name and URL of the issuer that was asked (RFC 9700 section 4.4). */
	issuer: v.string(),
	issuerUrl: v.string(),
	returnTo: v.string(),
	begunAtMs: v.number(),
	maxAgeSeconds: v.optional(v.number()),
	acrValues: v.optional(v.string()),
	/** Whether the session cookie outlives the browser. */
	persistent: v.optional(v.boolean()),
});

/** A login that has begun, and waits for the browser to come back from the issuer. */
export type PendingLogin = Readonly<v.InferOutput<typeof pendingLoginSchema>>;

/** A person needs a minute, or a few with a second factor. */
export const pendingLoginMs = 10 * 60_000;

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a pending login for the cookie `name`. The text is `KEY.` and iv, ciphertext and tag in
 * base64url, where `KEY` is the id of the token key from which the sealing key is derived. The tag
 * also covers the name, so no cookie opens under the name of another.
 */
export function seal(keyring: Keyring, name: string, pending: PendingLogin, randomBytes: RandomBytes): string {
	const iv = randomBytes(ivBytes);
	const cipher = createCipheriv(algorithm, sealingKeyOf(keyring.current), iv).setAAD(Buffer.from(name));
	const sealed = [iv, cipher.update(JSON.stringify(pending), 'utf8'), cipher.final(), cipher.getAuthTag()];
	return `${keyring.current.id}.${Buffer.concat(sealed).toString('base64url')}`;
}

/** Opens what `seal` made with any key of the ring, within ten minutes. */
export function open(keyring: Keyring, name: string, text: string, nowMs: number): PendingLogin | undefined {
	const dot = text.indexOf('.');
	const key = keyring.keys.get(text.slice(0, Math.max(0, dot)));
	const bytes = Buffer.from(text.slice(dot + 1), 'base64url');
	if (key === undefined || bytes.length <= ivBytes + tagBytes) return undefined;
	const plain = decrypted(key, name, bytes);
	const result = plain === undefined ? undefined : v.safeParse(pendingLoginSchema, JSON.parse(plain));
	if (!result?.success) return undefined;
	return nowMs < result.output.begunAtMs + pendingLoginMs ? result.output : undefined;
}

function decrypted(key: TokenKey, name: string, bytes: Buffer): string | undefined {
	const decipher = createDecipheriv(algorithm, sealingKeyOf(key), bytes.subarray(0, ivBytes), {
		authTagLength: tagBytes,
	});
	decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-tagBytes));
	const plain = decipher.update(bytes.subarray(ivBytes, -tagBytes));
	try {
		return Buffer.concat([plain, decipher.final()]).toString('utf8');
	} catch {
		return undefined; // The tag does not fit.
	}
}

/** RFC 5869. The label keeps sealing apart from signing tokens and records. */
function sealingKeyOf({ key }: TokenKey): Buffer {
	return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'leasehold pending login 1', 32));
}
