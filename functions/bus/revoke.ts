import type { Answer } from '../protocol/answers.ts';
import type { MessageOf } from '../protocol/messages.ts';
import { withRevocation } from '../session/changes.ts';
import { announced } from './announced.ts';
import type { BusContext } from './bus.ts';
import { absent, answerWith, unavailable } from './receipts.ts';
import { replicate } from './replicate.ts';

/** Ends a session for good: a tombstone in the repositories, then the feed, then the answer (I1). */
export async function revoke(context: BusContext, message: MessageOf<'revoke'>): Promise<Answer> {
	const replicated = await replicate(context, message.sessionId, 'visible', (stored) =>
		stored === undefined ? undefined : withRevocation(stored, message.revocation),
	);
	if (replicated.kind === 'unavailable') return unavailable(replicated.reason, replicated);
	if (replicated.session === undefined) return absent(replicated);
	const answer = answerWith(replicated.session, { ...replicated, nowMs: context.clock.now().wallMs });
	return announced(context, answer, message);
}
