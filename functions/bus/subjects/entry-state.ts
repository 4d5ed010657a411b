import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { idleExpiresAtMs, lifeOf } from '../../session/lifetime.ts';
import type { Session, SessionId } from '../../session/session.ts';
import type { BusContext } from '../context.ts';
import { selectAndLoad } from '../reading/read-session.ts';

/** What an entry of the subject index is worth, by the record of its session. */
export type EntryState =
	/** The session lives; or it is absent, and may be about to be stored. */
	| { readonly kind: 'counts'; readonly expiresAtMs: number }
	/**
	 * The session does not count, but its entry stays. It has a tombstone, which may not have been announced yet; who ends all of a
	 * subject's sessions must not pass it over (I1). Or it has just expired unused, and a report of activity may say otherwise.
	 */
	| { readonly kind: 'uncounted' }
	/** The session is to end, is absent, and may come: then its login finds the mark. */
	| { readonly kind: 'awaited' }
	/** The session has expired for good, or never came to be. */
	| { readonly kind: 'over' }
	/** It was to end, and its end was acknowledged. */
	| { readonly kind: 'ended' }
	/** No repository could say. */
	| { readonly kind: 'unknown'; readonly reason: string };

export type EntryStates = Map<SessionId, EntryState>;

/**
 * Messages are not under way for longer: a login that made its entry has stored its session, or will not say that it did; activity
 * has been reported. The bus's function has a tenth of it for one message.
 */
export const underWayMs = 60_000;

/** Loads at once, so that a hundred take a handful of round trips and not a hundred sockets. */
export const loadWidthMax = 20;

export interface EntryCheck {
	readonly state: EntryState;
	/** Present when the record was found. */
	readonly session?: Session;
}

export async function checkEntry(context: BusContext, entry: SubjectEntry): Promise<EntryCheck> {
	const selected = await selectAndLoad(context, entry.id);
	const { wallMs } = context.clock.now();
	if (selected.session !== undefined) {
		const state = entryStateOf(selected.session, wallMs);
		// The repository that is away may know of later activity.
		const mayLive = state.kind === 'over' && selected.degraded;
		return { state: mayLive ? { kind: 'uncounted' } : state, session: selected.session };
	}
	if (selected.answer.kind !== 'absent') return { state: { kind: 'unknown', reason: reasonOf(selected.answer) } };
	const mayCome = wallMs < entry.createdAtMs + underWayMs;
	return { state: mayCome ? { kind: 'counts', expiresAtMs: entry.expiresAtMs } : { kind: 'over' } };
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

function reasonOf(answer: { readonly kind: string; readonly reason?: string }): string {
	return answer.reason ?? `unexpected answer: ${answer.kind}`;
}
