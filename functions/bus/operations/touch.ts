import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import { ensureEntry } from '../../repositories/ensure-entry.ts';
import { lifeOf } from '../../session/lifetime.ts';
import type { BusContext } from '../context.ts';
import { provenByToken } from '../reading/proof.ts';
import { absent, answerWith, unavailable } from '../receipts.ts';
import { withCarried } from '../writing/carried-activity.ts';
import { replicate } from '../writing/replicate.ts';

/**
 * Records activity. Copies need not see it: each instance knows the activity that it saw itself,
 * and no instance may count on more than was reported (I7).
 */
export async function touch(context: BusContext, message: MessageOf<'touch'>): Promise<AnswerTo<'touch'>> {
	const replicated = await replicate(
		context,
		message.sessionId,
		'quiet',
		(stored) => (stored === undefined ? undefined : withCarried(context, stored, message)),
		{ isProven: provenByToken(context, message) },
	);
	if (replicated.kind === 'unavailable') return unavailable(replicated.reason, replicated);
	if (replicated.session === undefined) return absent(replicated);
	const { wallMs } = context.clock.now();
	const answer = answerWith(replicated.session, { ...replicated, nowMs: wallMs });
	// A bus whose clock was ahead may have taken the session for over, and removed its entry. If this
	// fails, the next report makes the entry.
	if (answer.kind === 'found' && !replicated.degraded && lifeOf(answer.session, wallMs) === 'live')
		await ensureEntry(context.subjects, answer.session, wallMs);
	return answer;
}
