import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { BusContext } from '../context.ts';
import { readSession } from '../reading/read-session.ts';
import { answerWith } from '../receipts.ts';

export async function read(context: BusContext, message: MessageOf<'read'>): Promise<AnswerTo<'read'>> {
	const read = await readSession(context, message.sessionId, message.demand);
	if (read.kind === 'answered') return read.answer;
	return answerWith(read.session, { ...read, nowMs: context.clock.now().wallMs });
}
