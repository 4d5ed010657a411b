import { type Keyring, keyringFreshMs, signingAgeMaxMs } from '../../access/keyring.ts';
import { claimedKeyId, readToken, type Token } from '../../access/token.ts';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import { describeError, type Log } from '../../system/log.ts';

/** The keys of tokens, as one instance knows them. */
export interface TokenKeys {
	/** Reads a token, with another look at the keyring where that may name a key that is not known here. */
	read(text: string): Promise<Token | 'malformed' | 'unavailable'>;
	/** The keyring to sign a new token with. */
	forSigning(): Promise<Keyring | 'unavailable'>;
}

/** Looks at the keyring where it is kept. Never throws; the reason does not show a secret. */
export type LookUpKeyring = () => Promise<Keyring | { readonly unavailable: string }>;

export const tokenKeysUnavailable = 'the keys of tokens are not known';

/** A keyring that never changes. */
export function fixedTokenKeys(keyring: Keyring): TokenKeys {
	return { read: async (text) => readToken(keyring, text), forSigning: async () => keyring };
}

/** A look in the background, at half of the time that a keyring counts as fresh: so no login of a busy instance waits. */
const lookAfterMs = keyringFreshMs / 2;

/** Anyone can make up a key id; this is how often that causes a look. */
const lookForUnknownAfterMs = 10_000;

/** After a failed look requests go on without each waiting for the next failure; those that cannot are turned away. */
const retryAfterMs = { known: 10_000, nothingKnown: 1_000 };

/**
 * A keyring that is rotated. What is known goes on counting when the keyring cannot be looked up; before the first look
 * succeeded, nothing that needs a key can be said.
 */
export function createTokenKeys(lookUp: LookUpKeyring, clock: Clock, log: Log): TokenKeys {
	let known: { readonly keyring: Keyring; readonly at: Instant } | undefined;
	let failedAt: Instant | undefined;
	let flight: Promise<void> | undefined;

	/** Requests share one look. */
	function look(): Promise<void> {
		flight ??= lookOnce().finally(() => {
			flight = undefined;
		});
		return flight;
	}

	async function lookOnce(): Promise<void> {
		const at = clock.now();
		const found = await lookUp();
		if ('unavailable' in found) {
			log('warn', 'the token keyring could not be read', { reason: found.unavailable });
			failedAt = at;
			return;
		}
		known = { keyring: found, at };
		failedAt = undefined;
	}

	function ageMs(now: Instant): number {
		return known === undefined ? Number.POSITIVE_INFINITY : elapsedMs(known.at, now);
	}

	function failedJustNow(now: Instant): boolean {
		const pauseMs = known === undefined ? retryAfterMs.nothingKnown : retryAfterMs.known;
		return failedAt !== undefined && elapsedMs(failedAt, now) < pauseMs;
	}

	async function lookUnlessYoungerThan(ms: number): Promise<void> {
		const now = clock.now();
		if (ageMs(now) >= ms && !failedJustNow(now)) await look();
	}

	/** Waits for a look when what is known is stale, after a freeze for instance; but not while looks fail. */
	async function keepFresh(): Promise<void> {
		if (known === undefined || failedAt === undefined) await lookUnlessYoungerThan(keyringFreshMs);
		lookUnlessYoungerThan(lookAfterMs).catch(reportBug);
	}

	function reportBug(error: unknown): void {
		log('error', 'looking up the token keyring failed', describeError(error));
	}

	return {
		read: async (text) => {
			const keyId = claimedKeyId(text);
			if (keyId === undefined) return 'malformed';
			if (known?.keyring.keys.has(keyId)) await keepFresh();
			else await lookUnlessYoungerThan(lookForUnknownAfterMs);
			if (known === undefined) return 'unavailable';
			if (known.keyring.keys.has(keyId)) return readToken(known.keyring, text);
			// Nobody signs with a key before it was published for so long: not in a fresh keyring, it is nobody's (I8).
			return ageMs(clock.now()) < keyringFreshMs ? 'malformed' : 'unavailable';
		},
		forSigning: async () => {
			await keepFresh();
			return known === undefined || ageMs(clock.now()) >= signingAgeMaxMs ? 'unavailable' : known.keyring;
		},
	};
}
