import type { Answer } from '../protocol/answers.ts';
import type { MessageOf } from '../protocol/messages.ts';
import type { BusContext } from './bus.ts';
import { answerWith, unavailable } from './receipts.ts';
import { replicate } from './replicate.ts';

/** Keeps a new session. Its id is random, so a record that is there already is this very one, created by an earlier try. */
export async function create(context: BusContext, { session }: MessageOf<'create'>): Promise<Answer> {
	const replicated = await replicate(context, session.id, 'quiet', () => session);
	if (replicated.kind === 'unavailable') return unavailable(replicated.reason, replicated);
	return answerWith(replicated.session ?? session, { ...replicated, nowMs: context.clock.now().wallMs });
}
