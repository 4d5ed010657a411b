import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { lifeOf } from '../../session/lifetime.ts';
import type { Session } from '../../session/session.ts';
import { inBatches } from '../../system/in-batches.ts';
import type { BusContext } from '../context.ts';
import { revokeSession } from '../operations/revoke.ts';
import { isUnreadable } from '../receipts.ts';
import { type EntryStates, underWayMs } from './entry-state.ts';

/** The result of ending the sessions whose entries are to end. */
export type SessionsEnded =
	| {
			readonly kind: 'ended';
			/** How many were live until now. */
			readonly ended: number;
			readonly degraded: boolean;
			/** How many could not be read. Their entries are still to end. */
			readonly unreadable: number;
			/** The states of the entries now. */
			readonly states: EntryStates;
	  }
	/**
	 * Some may have been ended. The entries of the others are still to end, and the next message
	 * about the subject continues.
	 */
	| { readonly kind: 'unavailable'; readonly reason: string };

/**
 * Ends the sessions of entries that are to end, each as a logout does, and then removes the
 * entries. An entry stays until its session's end was acknowledged. So if the bus dies in between,
 * a retry continues and ends no session twice.
 *
 * If a session is absent, it may be about to be stored. Its entry stays for as long as that may
 * take, and the login finds that it is to end (I1). The session of another subject counts as
 * absent. If only some of its records are of another subject, those are forged, and it cannot be
 * read.
 */
export async function endSessions(
	context: BusContext,
	subject: string,
	toEnd: readonly SubjectEntry[],
	changeId: string,
): Promise<SessionsEnded> {
	const states: EntryStates = new Map();
	let ended = 0;
	let degraded = false;
	let unreadable = 0;
	const reasons = await inBatches(toEnd, endWidthMax, async ({ id, createdAtMs, ending = 'quota' }) => {
		const { wallMs } = context.clock.now();
		const revocation = { atMs: wallMs, reason: ending };
		const change = { sessionId: id, proofWanted: false, changeId: `${changeId}.${id}` };
		const subjects = new Set<string>();
		const isProven = (stored: Session) => {
			subjects.add(stored.subject);
			return stored.subject === subject;
		};
		const answer = await revokeSession(context, { ...change, revocation, isProven });
		const isForeign = subjects.size > 0 && !subjects.has(subject);
		if (answer.kind === 'unavailable' && !isForeign) {
			if (!isUnreadable(answer)) return answer.reason;
			unreadable++;
			states.set(id, { kind: 'awaited' });
			return undefined;
		}
		if (answer.kind === 'revoked') {
			degraded ||= answer.receipt.degraded;
			if (answer.session.revocation?.atMs === wallMs && wasLive(answer.session, wallMs)) ended++;
		}
		const mayCome = answer.kind === 'absent' && wallMs < createdAtMs + underWayMs;
		states.set(id, mayCome ? { kind: 'awaited' } : { kind: 'ended' });
		return undefined;
	});
	const done = new Set(toEnd.flatMap(({ id }) => (states.get(id)?.kind === 'ended' ? [id] : [])));
	// If this fails, the entries stay, and the sessions are ended once more, without effect.
	if (done.size > 0)
		await context.subjects.change(subject, (entries) => ({
			outcome: undefined,
			entries: entries.filter(({ id }) => !done.has(id)),
		}));
	const reason = reasons.find((obstacle) => obstacle !== undefined);
	return reason === undefined
		? { kind: 'ended', ended, degraded, unreadable, states }
		: { kind: 'unavailable', reason };
}

/** The end of one session takes calls to every repository and the feed. */
const endWidthMax = 10;

function wasLive(tombstone: Session, nowMs: number): boolean {
	const { revocation: _, ...session } = tombstone;
	return lifeOf(session, nowMs) === 'live';
}
