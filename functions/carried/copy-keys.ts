import type { KeyObject } from 'node:crypto';

/**
 * The keys of carried copies: Ed25519 (RFC 8032). Each environment of the bus makes its own key
 * pair, keeps the private key in its memory alone, and publishes the public key in the control
 * table before it signs. So nobody but the bus can make a copy, and no store has a key that could.
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
 *
 * Both methods throw `Unreachable` if the control table does not answer.
 */
export interface CopyKeys {
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
