import { acceptsSecret, type Token } from '../../access/token.ts';
import type { CarriedCopy } from '../../carried/carried-copy.ts';
import type { Timing } from '../../control-table/timing.ts';
import { lifeOf } from '../../session/lifetime.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';

/** The knowledge of an instance at the moment at which it is to use a copy. */
export interface Knowledge {
	readonly now: Instant;
	readonly timing: Pick<Timing, 'skewMs' | 'carriedAgeMs'>;
	/** Every end that is dated at or after this is known (`KnownEnds`). */
	readonly horizonMs: number;
	/** Whether an end of the session is known. */
	readonly hasEnded: boolean;
	/** When the copy of the session in memory was loaded, if there is one. */
	readonly keptSince: Instant | undefined;
}

/**
 * Whether a verified copy that a client carries may be used as a copy in memory is. Another answer
 * than yes says nothing about the session. Then the bus is asked.
 *
 * - No end that came after the copy was read can be unknown. The date of an end and known-at are of
 *   two clocks, and each of them may be off by the skew margin as this instance sees it.
 * - A known end counts, whatever the clocks say.
 * - The copy would let the client in as far as its own life is concerned.
 */
export function mayUseCarried(
	{ session, knownAtMs }: Pick<CarriedCopy, 'session' | 'knownAtMs'>,
	token: Pick<Token, 'sessionId' | 'secretHash'>,
	knowledge: Knowledge,
): boolean {
	const { now, timing, horizonMs, hasEnded, keptSince } = knowledge;
	return (
		session.id === token.sessionId &&
		acceptsSecret(session.credential, token.secretHash, now.wallMs) &&
		lifeOf(session, now.wallMs) === 'live' &&
		// A clock is off by more than it may, so nothing is known about the age.
		knownAtMs <= now.wallMs + timing.skewMs &&
		elapsedMs(loadedAt(knownAtMs, now), now) <= timing.carriedAgeMs &&
		!hasEnded &&
		horizonMs <= knownAtMs - 2 * timing.skewMs &&
		(keptSince === undefined || keptSince.wallMs < knownAtMs)
	);
}

/**
 * Known-at as a moment of both clocks of this instance. So a copy is as old in memory as it is in
 * truth, and not as it is since it came.
 */
export function loadedAt(knownAtMs: number, now: Instant): Instant {
	const ageMs = Math.max(0, now.wallMs - knownAtMs);
	return { wallMs: now.wallMs - ageMs, monotonicMs: now.monotonicMs - ageMs };
}
