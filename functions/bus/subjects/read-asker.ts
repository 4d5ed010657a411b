import type { AnswerOf } from '../../protocol/answers.ts';
import type { Asker } from '../../protocol/fields/asker.ts';
import type { Session } from '../../session/session.ts';
import type { BusContext } from '../context.ts';
import { provenByToken } from '../reading/proof.ts';
import { readSession } from '../reading/read-session.ts';
import { answerWith, differentRecords, unavailable } from '../receipts.ts';

/** The session that asks something about its subject, or the answer if it may not ask. */
export type AskerRead =
	| { readonly kind: 'asker'; readonly session: Session }
	| { readonly kind: 'answered'; readonly answer: AnswerOf<'revoked' | 'absent' | 'unavailable' | 'limited'> };

/**
 * Reads the session that asks, with its subject. A message with the hash of another secret is
 * answered as if there were no such session. A session that was ended may ask for nothing, and so
 * may one that is past its age limit. That depends on the clock of this bus, so it is not `absent`
 * (I8). If the record has another subject than a session server signed, it is forged.
 */
export async function readAsker(context: BusContext, asker: Asker): Promise<AskerRead> {
	const isProven = provenByToken(context, asker);
	const read = await readSession(context, asker.sessionId, 'bounded', 'head', isProven);
	if (read.kind === 'answered') return read;
	const { session } = read;
	const { wallMs } = context.clock.now();
	if (session.revocation !== undefined)
		return { kind: 'answered', answer: answerWith(session, { ...read, nowMs: wallMs }) as AnswerOf<'revoked'> };
	if (asker.subject !== undefined && asker.subject !== session.subject) {
		context.log('error', differentRecords, { sessionId: session.id });
		return { kind: 'answered', answer: unavailable(differentRecords, { asked: read.asked }) };
	}
	if (wallMs >= session.absoluteExpiresAtMs + context.timing.skewMs)
		return { kind: 'answered', answer: unavailable('the asking session is past its age limit', { asked: read.asked }) };
	const limited = context.limitSubject(session.subject);
	return limited === undefined ? { kind: 'asker', session } : { kind: 'answered', answer: limited };
}
