import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { RevocationReason, Session } from '../../session/session.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { selectAndLoad } from '../reading/read-session.ts';
import { answerWith, unavailable } from '../receipts.ts';
import { enter } from '../subjects/enter.ts';
import { replicate } from '../writing/replicate.ts';
import { forgetEntry, revokeSession } from './revoke.ts';

type Create = MessageOf<'create'>;

/**
 * Keeps a new session: first its entry in the subject's index, with the quota, then the record, then a look whether the entry still
 * stands. A session that is acknowledged is therefore in the index, and was there, stored, when nobody had decided to
 * end it. Whoever decides so later finds its record.
 *
 * Its id is random, so an entry or a record that is there already is its own, made by an earlier try. A session whose login was not
 * acknowledged harms nobody: no one holds its token.
 */
export async function create(context: BusContext, message: Create): Promise<AnswerTo<'create'>> {
	const { session, quota } = message;
	const entered = await enter(context, session, quota);
	if (entered.kind === 'denied') return { kind: 'quota-exceeded', max: quota.max };
	if (entered.kind === 'unavailable') return unavailable(entered.reason, { asked: [] });
	if (entered.kind === 'ended') return end(context, message, entered.reason);
	const replicated = await replicate(context, session.id, 'quiet', () => session);
	if (replicated.kind === 'unavailable') return unavailable(replicated.reason, replicated);
	const kept = replicated.session ?? session;
	const answer = answerWith(kept, { ...replicated, nowMs: context.clock.now().wallMs });
	if (kept.revocation !== undefined) return endedAnswer(message, kept, answer);
	const index = entered.kind === 'entered' ? await context.subjects.read(session.subject) : undefined;
	if (index?.kind !== 'read') return withoutEntry(context, answer);
	const entry = index.entries.find(({ id }) => id === session.id);
	if (entry === undefined) return reconsider(context, message);
	return entry.ending === undefined ? answer : end(context, message, entry.ending);
}

/** Ends a session that somebody decided to end while its login was under way. The mark stays until that is done. */
async function end(context: BusContext, message: Create, reason: RevocationReason): Promise<AnswerTo<'create'>> {
	const { session, quota } = message;
	const revocation = { atMs: context.clock.now().wallMs, reason };
	const change = { sessionId: session.id, proofWanted: false, changeId: `${session.id}.end` };
	const answer = await revokeSession(context, { ...change, revocation });
	if (answer.kind === 'revoked') await forgetEntry(context, answer);
	if (reason === 'quota') return { kind: 'quota-exceeded', max: quota.max };
	return answer.kind === 'revoked'
		? answer
		: unavailable('the session was ended before it was established', { asked: [] });
}

/** The entry is gone: the session was ended once it was stored, or the login took so long that nobody believed in it. */
async function reconsider(context: BusContext, message: Create): Promise<AnswerTo<'create'>> {
	const selected = await selectAndLoad(context, message.session.id);
	if (selected.session === undefined || selected.session.revocation === undefined)
		return unavailable('the login took too long', selected);
	const answer = answerWith(selected.session, { ...selected, nowMs: context.clock.now().wallMs });
	return endedAnswer(message, selected.session, answer);
}

function endedAnswer({ quota }: Create, session: Session, answer: AnswerTo<'create'>): AnswerTo<'create'> {
	return session.revocation?.reason === 'quota' ? { kind: 'quota-exceeded', max: quota.max } : answer;
}

/** The repair of a live session makes the entry that is missing; one that is queued for its record will do. */
async function withoutEntry(context: BusContext, answer: ReturnType<typeof answerWith>): Promise<AnswerTo<'create'>> {
	const { session, receipt } = answer;
	if (receipt.degraded) return answer;
	try {
		await context.repairs.enqueue(session.id, [context.subjects.name]);
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return unavailable('the subject index and the repair queue did not answer', receipt);
	}
	return { ...answer, receipt: { ...receipt, degraded: true } };
}
