import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { BusContext } from '../context.ts';
import { provenByToken } from '../reading/proof.ts';
import { readSession } from '../reading/read-session.ts';
import { answerWith } from '../receipts.ts';
import { storeOverdue, withCarried } from '../writing/carried-activity.ts';

export async function read(context: BusContext, message: MessageOf<'read'>): Promise<AnswerTo<'read'>> {
	const read = await readSession(context, message.sessionId, message.demand, 'whole', provenByToken(context, message));
	if (read.kind === 'answered') return read.answer;
	const session = withCarried(context, read.session, message);
	await storeOverdue(context, read.session, session);
	return context.carry(answerWith(session, { ...read, nowMs: context.clock.now().wallMs }), read.session);
}
