import type { KeyObject } from 'node:crypto';

/**
 * The keys of carried copies: Ed25519 (RFC 8032). Each environment of the bus makes its own key
 * pairs, and keeps the private keys in its memory alone. It publishes a public key in the control
 * table before it signs with the private one. So nobody but the bus can make a copy, and no store
 * has a key that could.
 */
export interface PublishedKey {
	/** Random, so that no two environments publish the same one. */
	readonly id: string;
	readonly publicKey: KeyObject;
	/**
	 * When every copy that the key signed is too old to use, in milliseconds since the Unix epoch.
	 */
	readonly expiresAtMs: number;
}

/**
 * Port: where buses publish their keys, and session servers find them. Only a bus may publish.
 * `find` sees every key whose publication was answered before.
 *
 * Both methods throw `Unreachable` if the control table does not answer. The key may be published
 * all the same, now or later.
 */
export interface CopyKeys {
	/** A key that was published is never replaced, so repeating this has no further effect. */
	publish(key: PublishedKey): Promise<void>;
	/** `undefined`: no such key was published, or it has expired. */
	find(id: string): Promise<PublishedKey | undefined>;
}

/** The key that a bus signs with now. */
export interface SigningKey {
	readonly id: string;
	readonly privateKey: KeyObject;
}

/** `undefined` while no key is published. Then the bus answers without a copy to carry. */
export type CurrentSigningKey = () => SigningKey | undefined;
