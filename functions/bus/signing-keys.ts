import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { CopyKeys, CurrentSigningKey, SigningKey } from '../carried/copy-keys.ts';
import type { Timing } from '../control-table/timing.ts';
import { type Clock, elapsedMs, type Instant } from '../system/clock.ts';
import { describeError, type Log } from '../system/log.ts';
import type { RandomBytes } from '../system/random.ts';
import { createSingleFlight } from '../system/single-flight.ts';

/**
 * A key that leaked makes copies until it expires. A shorter time would cost more publications, and
 * more look-ups at every instance.
 */
const renewAfterMs = 3_600_000;

/** While no other key can be published, the last one signs for as long again. */
const signsForMs = 2 * renewAfterMs;

/** After a failed publication, so that an outage does not cost each message another call. */
const retryAfterMs = 10_000;

export interface SigningKeys {
	/** The key that session servers can find. */
	readonly current: CurrentSigningKey;
	/**
	 * Publishes another key if that is due. Never throws. An answer must not wait for it: without a
	 * key, the bus answers without a copy to carry.
	 */
	renewIfDue(): Promise<void>;
}

/** The keys of one environment of the bus. Each private key stays in its memory. */
export function createSigningKeys({
	copyKeys,
	clock,
	timing,
	randomBytes,
	log,
}: {
	readonly copyKeys: CopyKeys;
	readonly clock: Pick<Clock, 'now'>;
	readonly timing: Pick<Timing, 'carriedAgeMs'>;
	readonly randomBytes: RandomBytes;
	readonly log: Log;
}): SigningKeys {
	let published: { readonly key: SigningKey; readonly at: Instant } | undefined;
	let failedAt: Instant | undefined;

	const renew = createSingleFlight(async () => {
		// The moment before the call: the environment may be frozen during it.
		const at = clock.now();
		const id = Buffer.from(randomBytes(keyIdBytes)).toString('base64url');
		const privateKey = privateKeyOf(randomBytes(seedBytes));
		const expiresAtMs = at.wallMs + signsForMs + timing.carriedAgeMs;
		try {
			await copyKeys.publish({ id, publicKey: createPublicKey(privateKey), expiresAtMs });
		} catch (error) {
			// Nothing depends on a key so much that anything else should fail for it, whatever the error.
			if (failedAt === undefined) log('error', 'a key of carried copies could not be published', describeError(error));
			failedAt = clock.now();
			return;
		}
		published = { key: { id, privateKey }, at };
		failedAt = undefined;
	});

	/** If the wall clock was set back, the age is infinite. The next key has the right times. */
	function ageMs(now: Instant): number {
		return published === undefined ? Number.POSITIVE_INFINITY : elapsedMs(published.at, now);
	}

	return {
		current: () => (ageMs(clock.now()) < signsForMs ? published?.key : undefined),
		renewIfDue: async () => {
			const now = clock.now();
			if (ageMs(now) < renewAfterMs) return;
			if (failedAt !== undefined && elapsedMs(failedAt, now) < retryAfterMs) return;
			await renew();
		},
	};
}

/** No two environments ever draw the same one. */
const keyIdBytes = 12;
const seedBytes = 32;

/** In DER, an Ed25519 key is this and its seed (PKCS #8, RFC 8410 section 7). */
const privateKeyPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');

function privateKeyOf(seed: Uint8Array): KeyObject {
	return createPrivateKey({ key: Buffer.concat([privateKeyPrefix, seed]), format: 'der', type: 'pkcs8' });
}
