import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { CopyKeys, CurrentSigningKey } from '../../../functions/carried/copy-keys.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import type { Node } from '../engine/node.ts';

/** PKCS #8 of an Ed25519 key (RFC 8410), up to the 32 bytes of the key itself. */
const keyHeader = Buffer.from('302e020100300506032b657004220420', 'hex');

/** No key expires within a run. */
const longMs = 3_600_000;
const retryAfterMs = 500;

/**
 * The signing key of a bus, which begins to publish it. The key is drawn with the seed, so that a
 * run makes the same copies each time.
 */
export function publishedKey(keys: CopyKeys, node: Node, bytes: (length: number) => Uint8Array): CurrentSigningKey {
	const privateKey = createPrivateKey({
		key: Buffer.concat([keyHeader, bytes(32)]),
		format: 'der',
		type: 'pkcs8',
	});
	const id = Buffer.from(bytes(12)).toString('base64url');
	const expiresAtMs = node.clock.now().wallMs + longMs;
	let isPublished = false;

	async function publish(): Promise<void> {
		while (!isPublished)
			try {
				await keys.publish({ id, publicKey: createPublicKey(privateKey), expiresAtMs });
				isPublished = true;
			} catch (error) {
				if (!(error instanceof Unreachable)) throw error;
				await node.clock.delay(retryAfterMs);
			}
	}

	void publish();
	return () => (isPublished ? { id, privateKey } : undefined);
}
