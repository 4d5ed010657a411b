import type { TokenDigest } from '../../access/token.ts';
import type { Session } from '../../session/session.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';

/**
 * The refusals that no later answer of the bus can take back, by the digests of verified tokens. An
 * instance repeats them without a lease, a sync or a call, so that a dead token costs as little as
 * a forged one.
 *
 * - A revocation is final. The join of a tombstone with anything is a tombstone.
 * - The age limit of a session never moves. The instance remembers the limit, not the refusal. So
 *   if its clock was ahead and is set right, it no longer refuses the session.
 * - `absent` is final for a short time. The bus says so only if every repository said so, and no
 *   write of the session can be under way: a client gets a token after a repository has stored its
 *   session. But an operator can restore a repository.
 *
 * These are not final: a session that was not used for too long, because another instance may know
 * of later use; a secret that the session does not accept, because the record may be older than the
 * secret; and `unavailable`, which says nothing (I8).
 */
export interface FinalRefusals {
	find(digest: TokenDigest, now: Instant): FinalRefusal | undefined;
	/**
	 * Remembers that the session is over, if it is revoked or has an age limit.
	 *
	 * @param announced whether its end is in the feed and in every repository
	 */
	over(digest: TokenDigest, session: Session, announced?: boolean): void;
	/** Remembers that every repository and every instance knows of the revocation. */
	proved(digest: TokenDigest): void;
	absent(digest: TokenDigest, now: Instant): void;
}

export interface FinalRefusal {
	readonly code: 'session_revoked' | 'session_expired_absolute' | 'session_unknown';
	/** Whether no instance lets the session in, so that a logout has nothing left to do. */
	readonly everywhere: boolean;
	/** Whether a logout that asks for the proof of that has nothing left to do. */
	readonly proved: boolean;
	/** When the session was revoked, in milliseconds since the Unix epoch. */
	readonly endedAtMs?: number;
}

type Known =
	| { readonly kind: 'revoked'; readonly announced: boolean; readonly proved: boolean; readonly atMs: number }
	| { readonly kind: 'limit'; readonly atMs: number }
	| { readonly kind: 'absent'; readonly at: Instant };

/** An entry takes some 200 bytes, so that all of them take 2 MB. */
const refusalsMax = 10_000;

/** A client that repeats a request each second makes one call a minute. */
const absentForMs = 60_000;

/** By then the clocks of all instances say that the limit has passed. */
const clocksMs = 60_000;

export function createFinalRefusals(): FinalRefusals {
	const known = createBoundedMap<TokenDigest, Known>(refusalsMax);
	return {
		find: (digest, now) => {
			const refusal = known.get(digest);
			switch (refusal?.kind) {
				case 'revoked':
					return {
						code: 'session_revoked',
						everywhere: refusal.announced,
						proved: refusal.proved,
						endedAtMs: refusal.atMs,
					};
				case 'limit': {
					if (now.wallMs < refusal.atMs) return undefined;
					const everywhere = now.wallMs > refusal.atMs + clocksMs;
					return { code: 'session_expired_absolute', everywhere, proved: everywhere };
				}
				case 'absent':
					if (elapsedMs(refusal.at, now) >= absentForMs) return undefined;
					return { code: 'session_unknown', everywhere: true, proved: true };
				case undefined:
					return undefined;
			}
		},
		over: (digest, { revocation, absoluteExpiresAtMs }, announced = false) => {
			if (revocation === undefined) known.set(digest, { kind: 'limit', atMs: absoluteExpiresAtMs });
			else known.set(digest, { kind: 'revoked', announced, proved: false, atMs: revocation.atMs });
		},
		proved: (digest) => {
			const revoked = known.get(digest);
			if (revoked?.kind === 'revoked') known.set(digest, { ...revoked, announced: true, proved: true });
		},
		absent: (digest, at) => known.set(digest, { kind: 'absent', at }),
	};
}
