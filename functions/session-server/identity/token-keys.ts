import { type Keyring, keyringFreshMs, signingAgeMaxMs } from '../../access/keyring.ts';
import { isGenuine, signingKeyId } from '../../access/signature.ts';
import { claimedKeyId, readToken, type Token } from '../../access/token.ts';
import type { Session } from '../../session/session.ts';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import { describeError, type Log } from '../../system/log.ts';
import { createSingleFlight } from '../../system/single-flight.ts';

/** The token keyring, as one instance knows it. */
export interface TokenKeys {
	/**
	 * Verifies and decodes a token. If the token names an unknown key, the keyring may be read again
	 * first. `unavailable` means that the token may be valid.
	 */
	read(text: string): Promise<Token | 'malformed' | 'unavailable'>;
	/**
	 * Whether a session server signed what the session's login decided. `unavailable` means that the
	 * key may be a newer one.
	 */
	verify(session: Session): Promise<'genuine' | 'forged' | 'unavailable'>;
	/** The keyring with which to sign a new session and its token. */
	forSigning(): Promise<Keyring | 'unavailable'>;
}

/** Reads the keyring from where it is kept. Never throws. The reason does not show a secret. */
export type ReadKeyring = () => Promise<
	{ readonly kind: 'read'; readonly keyring: Keyring } | { readonly kind: 'unavailable'; readonly reason: string }
>;

export const tokenKeysUnavailable = 'the keys of tokens are not known';

/** A keyring that never changes. */
export function fixedTokenKeys(keyring: Keyring): TokenKeys {
	return {
		read: async (text) => readToken(keyring, text),
		verify: async (session) => (isGenuine(keyring, session) ? 'genuine' : 'forged'),
		forSigning: async () => keyring,
	};
}

/**
 * The same keys, which accept a session without a signature until `untilMs`, in milliseconds since
 * the Unix epoch. It is for the time after an upgrade from a release that did not sign.
 */
export function acceptingUnsigned(keys: TokenKeys, untilMs: number, clock: Clock): TokenKeys {
	const accepts = ({ credential }: Session) => credential.signature === undefined && clock.now().wallMs < untilMs;
	return { ...keys, verify: async (session) => (accepts(session) ? 'genuine' : keys.verify(session)) };
}

/**
 * The age at which the keyring is read again in the background. It is half of the time for which a
 * keyring counts as fresh, so no login at a busy instance waits for the keyring.
 */
const rereadAfterMs = keyringFreshMs / 2;

/**
 * Anyone can make up a key id, so unknown ids cause at most one read of the keyring in this time.
 */
const rereadForUnknownAfterMs = 10_000;

/**
 * After a failed read, requests use the known keyring for this long instead of each waiting for the
 * next failure. If no keyring is known, they are unavailable.
 */
const retryAfterMs = { known: 10_000, nothingKnown: 1_000 };

/**
 * A keyring that is rotated. If the keyring cannot be read, the instance keeps using the last one
 * that it read. Before the first successful read, everything that needs a key is unavailable.
 */
export function createTokenKeys(readKeyring: ReadKeyring, clock: Clock, log: Log): TokenKeys {
	let known: { readonly keyring: Keyring; readonly at: Instant } | undefined;
	let failedAt: Instant | undefined;

	const reread = createSingleFlight(async () => {
		const at = clock.now();
		const answer = await readKeyring();
		if (answer.kind === 'unavailable') {
			log('warn', 'the token keyring could not be read', { reason: answer.reason });
			failedAt = at;
			return;
		}
		known = { keyring: answer.keyring, at };
		failedAt = undefined;
	});

	function ageMs(now: Instant): number {
		return known === undefined ? Number.POSITIVE_INFINITY : elapsedMs(known.at, now);
	}

	function failedJustNow(now: Instant): boolean {
		const pauseMs = known === undefined ? retryAfterMs.nothingKnown : retryAfterMs.known;
		return failedAt !== undefined && elapsedMs(failedAt, now) < pauseMs;
	}

	async function rereadIfOlderThan(ms: number): Promise<void> {
		const now = clock.now();
		if (ageMs(now) >= ms && !failedJustNow(now)) await reread();
	}

	/**
	 * Waits for a fresh keyring if the known one is stale, for example after a freeze. Does not wait
	 * while reads fail.
	 */
	async function keepFresh(): Promise<void> {
		if (known === undefined || failedAt === undefined) await rereadIfOlderThan(keyringFreshMs);
		rereadIfOlderThan(rereadAfterMs).catch(reportBug);
	}

	/** `forged`: the key belongs to no deployment. */
	async function keyringFor(keyId: string): Promise<Keyring | 'forged' | 'unavailable'> {
		if (known?.keyring.keys.has(keyId)) await keepFresh();
		else await rereadIfOlderThan(rereadForUnknownAfterMs);
		if (known === undefined) return 'unavailable';
		if (known.keyring.keys.has(keyId)) return known.keyring;
		// No instance signs with a key until it has been in the keyring for longer than
		// `keyringFreshMs`. So a key that is missing in a fresh keyring is forged (I8).
		return ageMs(clock.now()) < keyringFreshMs ? 'forged' : 'unavailable';
	}

	function reportBug(error: unknown): void {
		log('error', 'looking up the token keyring failed', describeError(error));
	}

	return {
		read: async (text) => {
			const keyId = claimedKeyId(text);
			if (keyId === undefined) return 'malformed';
			const keyring = await keyringFor(keyId);
			if (keyring === 'unavailable') return 'unavailable';
			return keyring === 'forged' ? 'malformed' : readToken(keyring, text);
		},
		verify: async (session) => {
			const keyId = signingKeyId(session);
			if (keyId === undefined) return 'forged';
			const keyring = await keyringFor(keyId);
			if (typeof keyring === 'string') return keyring;
			return isGenuine(keyring, session) ? 'genuine' : 'forged';
		},
		forSigning: async () => {
			await keepFresh();
			return known === undefined || ageMs(clock.now()) >= signingAgeMaxMs ? 'unavailable' : known.keyring;
		},
	};
}
