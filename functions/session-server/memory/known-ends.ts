import type { SessionId } from '../../session/session.ts';

/**
 * The sessions that are known to be over, and how far back that knowledge reaches. Memory needs
 * neither, because each copy is dropped when its end is read. A copy that a client carries may come
 * long after that.
 */
export interface KnownEnds {
	/**
	 * Remembers that the session is over. Nothing that was read of it before or after this lets the
	 * client in.
	 *
	 * @param atMs the date of the entry, or the own time if the bus has just said so
	 */
	add(sessionId: SessionId, atMs: number): void;
	has(sessionId: SessionId): boolean;
	/**
	 * Every end that is dated at or after this, and could be read when the last settled sync began,
	 * is known. Infinite before the first.
	 */
	horizonMs(): number;
	/** The entries from `fromMs` on have been read, and those after the horizon before that. */
	reachBackTo(fromMs: number): void;
	/**
	 * Whether reading further back moves the horizon. It does not once the horizon is past a
	 * forgotten end: what is read then would only be forgotten again.
	 */
	canReachFurther(): boolean;
	/** Entries between those that were read before and `fromMs` may have been missed. */
	restartAt(fromMs: number): void;
	/** How often that happened. A read from before has nothing to say about the horizon after it. */
	restarts(): number;
	/** Forgets the ends that are dated before `beforeMs`. The horizon is past each of them. */
	forget(beforeMs: number): void;
}

/**
 * Each takes some 150 bytes, so all take 24 MB. At 170 logouts a second, they are those of the last
 * 15 minutes. Forgetting the older half takes some 25 ms.
 */
export const endsMax = 160_000;
/** A pass over all of them takes some 3 ms. */
const forgetEveryMs = 60_000;

export function createKnownEnds(): KnownEnds {
	const endedAtMs = new Map<SessionId, number>();
	let reachesBackToMs = Number.POSITIVE_INFINITY;
	/** The latest date of a forgotten end. Reading further back does not bring those back. */
	let forgottenAtMs = Number.NEGATIVE_INFINITY;
	let forgotBeforeMs = 0;
	let restarts = 0;

	function forget(beforeMs: number): void {
		forgotBeforeMs = beforeMs;
		for (const [sessionId, atMs] of endedAtMs)
			if (atMs < beforeMs) {
				endedAtMs.delete(sessionId);
				forgottenAtMs = Math.max(forgottenAtMs, atMs);
			}
	}

	return {
		add: (sessionId, atMs) => {
			endedAtMs.set(sessionId, Math.max(atMs, endedAtMs.get(sessionId) ?? atMs));
			if (endedAtMs.size <= endsMax) return;
			const dates = [...endedAtMs.values()].sort((a, b) => a - b);
			forget((dates[Math.floor(dates.length / 2)] ?? 0) + 1);
		},
		has: (sessionId) => endedAtMs.has(sessionId),
		horizonMs: () => Math.max(reachesBackToMs, forgottenAtMs + 1),
		reachBackTo: (fromMs) => {
			reachesBackToMs = Math.min(reachesBackToMs, fromMs);
		},
		canReachFurther: () => reachesBackToMs > forgottenAtMs + 1,
		restartAt: (fromMs) => {
			reachesBackToMs = fromMs;
			restarts++;
		},
		restarts: () => restarts,
		forget: (beforeMs) => {
			if (beforeMs - forgotBeforeMs >= forgetEveryMs) forget(beforeMs);
		},
	};
}
