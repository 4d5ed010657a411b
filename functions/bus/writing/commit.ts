import type { Feed } from '../../control-table/feed.ts';
import type { Timing } from '../../control-table/timing.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { type Clock, elapsedMs } from '../../system/clock.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { absent, answerWith, unavailable } from '../receipts.ts';
import type { Replicated } from './replicate.ts';

/** What came of a change that every copy must see. */
export type Committed = AnswerOf<'found' | 'revoked' | 'absent' | 'outdated' | 'unavailable'>;

/** The change did not get as far as the repositories. */
export interface Answered {
	readonly kind: 'answered';
	readonly answer: AnswerOf<'absent' | 'unavailable'>;
}

/**
 * The order of I1: the repositories have the change, then the feed, and only then is it answered.
 * Every change that copies must see comes through here.
 *
 * If the bus dies in between, or the feed does not answer, the change is stored and unacknowledged.
 * A retry finds it stored and announces it.
 *
 * @param isDone whether the record has this very change; if not, nothing is announced: `outdated`
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
	return announced(context, answer, change);
}

async function announced(
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
 * Announces a change to every instance; when this returns, each sync that begins from now on reads the entry.
 *
 * Readers reach back by a fixed overlap behind their last sync. An append that took longer than `feedAppendMs`, in a freeze
 * for instance, may have landed behind that, unseen; it is repeated with a later time until one was quick enough.
 * Dying in between leaves entries that make copies drop for nothing.
 * `too-slow`: none of `attemptsMax` appends was. @throws Unreachable when the feed does not answer.
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
			id: `${change.changeId}.${attempt}`,
			atMs: begun.wallMs,
			sessionId: change.sessionId,
			proofWanted: change.proofWanted,
		});
		if (elapsedMs(begun, clock.now()) <= timing.feedAppendMs) return 'announced';
	}
	return 'too-slow';
}

/** What instances are told: that this session changed. */
export interface Change {
	readonly sessionId: SessionId;
	/** Whether instances are to prove that they read of it. */
	readonly proofWanted: boolean;
	/** Names the change; announcing it again under the same name makes no copy drop twice. */
	readonly changeId: string;
}

const attemptsMax = 3;
