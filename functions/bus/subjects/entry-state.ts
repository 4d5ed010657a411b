import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { idleExpiresAtMs, lifeOf } from '../../session/lifetime.ts';
import type { Session, SessionId } from '../../session/session.ts';
import type { BusContext } from '../context.ts';
import type { IsProven } from '../reading/proof.ts';
import { readSession } from '../reading/read-session.ts';
import { isUnreadable } from '../receipts.ts';

/** The state of an entry of the subject index, by the record of its session. */
export type EntryState =
	/** The session is live. Or it is absent and may be about to be stored. */
	| { readonly kind: 'counts'; readonly expiresAtMs: number }
	/**
	 * The session does not count, but its entry stays, for one of three reasons:
	 *
	 * - It has a tombstone that may not have been announced yet. The end of all of the subject's
	 *   sessions must not pass it over (I1).
	 * - It cannot be read, so nobody can use it. It must not keep its subject from logging in.
	 * - It has just expired unused, and activity that is still to be reported may keep it live.
	 */
	| { readonly kind: 'uncounted' }
	/**
	 * The session is to end, is absent, and may still be stored. Its login then finds that its entry
	 * is to end. Or it cannot be read, and is to end once it can be.
	 */
	| { readonly kind: 'awaited' }
	/** The session has expired for good, it was never stored, or it is another subject's. */
	| { readonly kind: 'over' }
	/** The session was to end, and its end was acknowledged. */
	| { readonly kind: 'ended' }
	/** No repository could say. */
	| { readonly kind: 'unknown'; readonly reason: string };

export type EntryStates = Map<SessionId, EntryState>;

/**
 * No message is under way for longer than this. After this time, the login that made an entry has
 * stored its session or will not acknowledge it, and a session's activity has been reported. The
 * bus's function has a tenth of this for one message.
 */
export const underWayMs = 60_000;

/** Sessions read at once. So a hundred take five rounds and do not take a hundred sockets. */
export const loadWidthMax = 20;

export interface EntryCheck {
	readonly state: EntryState;
	/** Present when the record was found. */
	readonly session?: Session;
}

export async function checkEntry(context: BusContext, subject: string, entry: SubjectEntry): Promise<EntryCheck> {
	// The read asks the other repositories for later activity only if the session seems to be idle
	// when it begins. A session that expires meanwhile still counts.
	const { wallMs } = context.clock.now();
	const read = await readSession(context, entry.id, 'bounded', 'head', isOf(subject));
	if (read.kind === 'read') {
		const state = entryStateOf(read.session, wallMs);
		// The repository that did not answer may know of later activity.
		const mayLive = state.kind === 'over' && read.degraded;
		return { state: mayLive ? { kind: 'uncounted' } : state, session: read.session };
	}
	if (read.answer.kind !== 'absent') {
		if (isUnreadable(read.answer)) return { state: { kind: 'uncounted' } };
		return { state: { kind: 'unknown', reason: read.answer.reason } };
	}
	const mayCome = wallMs < entry.createdAtMs + underWayMs;
	return { state: mayCome ? { kind: 'counts', expiresAtMs: entry.expiresAtMs } : { kind: 'over' } };
}

/**
 * The session of another subject counts as absent. If only some of its records are of another
 * subject, they contradict each other, and it cannot be read: its entry must stay, so that it is
 * still ended with all others.
 */
export function isOf(subject: string): IsProven {
	return (stored) => stored.subject === subject;
}

export function entryStateOf(session: Session, nowMs: number): EntryState {
	switch (lifeOf(session, nowMs)) {
		case 'live':
			return { kind: 'counts', expiresAtMs: Math.min(idleExpiresAtMs(session), session.absoluteExpiresAtMs) };
		case 'expired-idle':
			return nowMs < idleExpiresAtMs(session) + underWayMs ? { kind: 'uncounted' } : { kind: 'over' };
		case 'expired-absolute':
		case 'revoked':
			return { kind: 'uncounted' };
	}
}
