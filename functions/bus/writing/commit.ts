import type { AnswerOf } from '../../protocol/answers.ts';
import type { Session } from '../../session/session.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { absent, answerWith, unavailable } from '../receipts.ts';
import { announce, type Change } from './announce.ts';
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
