import type { KeyObject } from 'node:crypto';
import type { TokenDigest } from '../../access/token.ts';
import type { CopyKeys, PublishedKey } from '../../carried/copy-keys.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { createTokenBuckets } from '../../system/token-bucket.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { Waiting } from '../request.ts';

/** The keys of carried copies that this instance has looked up. */
export interface KnownKeys {
	/**
	 * `undefined`: nobody published such a key, it has expired, or it cannot be looked up now.
	 *
	 * @param client the token of the client that names the key
	 */
	find(waiting: Waiting, id: string, client: TokenDigest): Promise<KeyObject | undefined>;
}

/** More than the environments of a bus that sign within the life of a copy. */
const copyKeysMax = 1_000;

/** A bus publishes a key before it signs. So a missing key will hardly appear. */
const missingForMs = 60_000;

/**
 * A client can make up key ids, so look-ups are limited. An instance that has just begun knows no
 * key, and needs those of all buses at once.
 */
const lookUps = { burst: 50, perSecond: 5 };

/**
 * Each answer of a bus may bring a client a copy with another key, and few of them are new to the
 * instance. With more look-ups, one client could take those of all others.
 */
const lookUpsOfClient = { burst: 10, perSecond: 0.2 };

export function createKnownKeys(keys: CopyKeys, clock: Clock, log: Log): KnownKeys {
	const known = createBoundedMap<string, PublishedKey>(copyKeysMax);
	const missing = createBoundedMap<string, Instant>(copyKeysMax);
	const underWay = new Map<string, Promise<PublishedKey | undefined>>();
	const buckets = createTokenBuckets<'look-ups'>(lookUps);
	const clientBuckets = createTokenBuckets<TokenDigest>(lookUpsOfClient);

	async function lookUp(id: string): Promise<PublishedKey | undefined> {
		const at = clock.now();
		try {
			const key = await keys.find(id);
			if (key === undefined) missing.set(id, at);
			else known.set(id, key);
			return key;
		} catch (error) {
			if (!(error instanceof Unreachable)) throw error;
			log('warn', 'a key of carried copies could not be looked up', { service: error.service });
			return undefined;
		} finally {
			underWay.delete(id);
		}
	}

	function mayLookUp(client: TokenDigest, { monotonicMs }: Instant): boolean {
		return clientBuckets.take(client, 1, monotonicMs) === 0 && buckets.take('look-ups', 1, monotonicMs) === 0;
	}

	async function lookUpOnce(waiting: Waiting, id: string, client: TokenDigest): Promise<PublishedKey | undefined> {
		const now = clock.now();
		const missed = missing.get(id);
		if (missed !== undefined && elapsedMs(missed, now) < missingForMs) return undefined;
		let looking = underWay.get(id);
		if (looking === undefined) {
			if (!mayLookUp(client, now)) return undefined;
			looking = lookUp(id);
			underWay.set(id, looking);
		}
		waiting.remoteCalls++;
		return looking;
	}

	return {
		find: async (waiting, id, client) => {
			const key = known.get(id) ?? (await lookUpOnce(waiting, id, client));
			return key === undefined || clock.now().wallMs >= key.expiresAtMs ? undefined : key.publicKey;
		},
	};
}
