import { attemptsMax, entryIdOf } from '../../control-table/entry-id.ts';
import type { EntryKind, Feed } from '../../control-table/feed.ts';
import type { Timing } from '../../control-table/timing.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { type Clock, elapsedMs } from '../../system/clock.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { absent, answerWith, unavailable } from '../receipts.ts';
import type { Replicated } from './replicate.ts';

/** The answer to a change that every copy must see. */
export type Committed = AnswerOf<'found' | 'revoked' | 'absent' | 'outdated' | 'unavailable'>;

/** The change was not written to the repositories. */
export interface Answered {
	readonly kind: 'answered';
	readonly answer: AnswerOf<'absent' | 'unavailable'>;
}

/**
 * The order of I1: the repositories have the change, then the feed has it, and only then is it
 * answered. Every change that copies must see passes through this function.
 *
 * If the bus dies in between, or the feed does not answer, the change is stored and unacknowledged.
 * A retry finds the change stored and announces it.
 *
 * @param isDone whether the record has this very change. If not, nothing is announced and the
 * answer is `outdated`.
 */
export async function commit(
	context: BusContext,
	change: Change,
	store: () => Promise<Replicated | Answered>,
	isDone: (session: Session) => boolean,
): Promise<Committed> {
	const stored = await store();
	if (stored.kind === 'answered') return stored.answer;
	if (stored.kind === 'unavailable') return unavailable(stored.reason, stored);
	if (stored.session === undefined) return absent(stored);
	const answer = answerWith(stored.session, { ...stored, nowMs: context.clock.now().wallMs });
	if (!isDone(stored.session)) {
		const { session, receipt } = answer;
		return answer.kind === 'revoked' ? answer : { kind: 'outdated', session, receipt };
	}
	return answerOnceAnnounced(context, answer, change);
}

async function answerOnceAnnounced(
	context: BusContext,
	answer: AnswerOf<'found' | 'revoked'>,
	change: Change,
): Promise<AnswerOf<'found' | 'revoked' | 'unavailable'>> {
	try {
		const outcome = await announce(context.feed, context.clock, context.timing, change);
		return outcome === 'announced' ? answer : unavailable('the feed is too slow', answer.receipt);
	} catch (error) {
		if (error instanceof Unreachable) return unavailable('the feed did not answer', answer.receipt);
		throw error;
	}
}

/**
 * Announces a change to every instance. When this returns `announced`, each sync that begins from
 * now on reads the entry.
 *
 * A reader looks back behind its last sync by a fixed overlap. If an append took longer than
 * `feedAppendMs`, after a freeze for example, its entry may lie behind that overlap, unseen. So the
 * append is repeated with a later time until one is quick enough. If the bus dies in between, the
 * entries that it leaves make instances drop copies without need.
 *
 * `too-slow`: none of `attemptsMax` appends was quick enough.
 *
 * @throws Unreachable when the feed does not answer.
 */
export async function announce(
	feed: Feed,
	clock: Clock,
	timing: Timing,
	change: Change,
): Promise<'announced' | 'too-slow'> {
	for (let attempt = 0; attempt < attemptsMax; attempt++) {
		const begun = clock.now();
		await feed.append({
			id: entryIdOf(change.changeId, change.sessionId, attempt),
			atMs: begun.wallMs,
			sessionId: change.sessionId,
			kind: change.kind,
			proofWanted: change.proofWanted,
		});
		if (elapsedMs(begun, clock.now()) <= timing.feedAppendMs) return 'announced';
	}
	return 'too-slow';
}

/** The announcement that a session changed. */
export interface Change {
	readonly kind: EntryKind;
	readonly sessionId: SessionId;
	/** Whether instances are to prove that they read the announcement. */
	readonly proofWanted: boolean;
	/**
	 * Names the change of this session. If it is announced again under the same name, no instance
	 * drops a copy twice. The session server chooses the name, so it must not stand for the change of
	 * another session.
	 */
	readonly changeId: string;
}
