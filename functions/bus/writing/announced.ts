import type { AnswerOf } from '../../protocol/answers.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { unavailable } from '../receipts.ts';
import { announce, type Change } from './announce.ts';

/**
 * `answer`, once the change that it acknowledges is in the feed; `unavailable` when it cannot be announced. The change is
 * stored by then, and a retry announces it (I1: repository first, then feed, then acknowledgement).
 */
export async function announced(
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
