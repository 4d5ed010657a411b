import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { BusContext } from '../context.ts';
import { selectAndLoad } from '../reading/read-session.ts';
import { answerWith } from '../receipts.ts';

/** Reads a session and changes nothing. */
export async function read(context: BusContext, message: MessageOf<'read'>): Promise<AnswerTo<'read'>> {
	const selected = await selectAndLoad(context, message.sessionId, message.demand);
	if (selected.session === undefined) return selected.answer;
	return answerWith(selected.session, { ...selected, nowMs: context.clock.now().wallMs });
}
