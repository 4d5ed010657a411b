import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import { entryOf } from '../../repositories/subject-index.ts';
import { withRevocation } from '../../session/changes.ts';
import type { RevocationReason, Session } from '../../session/session.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { readSession } from '../reading/read-session.ts';
import { answerWith, unavailable } from '../receipts.ts';
import { enter } from '../subjects/enter.ts';
import { replicate } from '../writing/replicate.ts';
import { faultOfNew, isSameLogin } from './new-session.ts';
import { forgetEntry, revokeSession } from './revoke.ts';

type Create = MessageOf<'create'>;

/**
 * Stores a new session, in three steps:
 *
 * 1. It makes the session's entry in the subject's index, within the quota.
 * 2. It stores the record.
 * 3. It checks that the entry still stands.
 *
 * So a session that is acknowledged is in the index, and its record was stored at a moment when
 * nobody had decided to end it. If somebody decides so later, the record is there to be ended.
 *
 * The id is random. If an entry or a record is there already, an earlier try of this login made it.
 * If the record is of another login, the session server is not to be believed. A refusal is final,
 * because the message will not become right. `unavailable` would make the session server repeat it.
 *
 * A session whose login was not acknowledged does no harm, because nobody has its token.
 *
 * If the index is unavailable, nothing is acknowledged. An earlier try may have made the entry, and
 * somebody may have found it, so only another session may do without one. The session server asks
 * for that with `withoutIndex`. No try of that message makes an entry.
 */
export async function create(context: BusContext, message: Create): Promise<AnswerTo<'create'>> {
	const { session, quota } = message;
	const fault = faultOfNew(session, context.clock.now().wallMs, context.timing.skewMs);
	if (fault !== undefined) return { kind: 'refused', problem: fault };
	const entered = message.withoutIndex ? withoutEntry : await enter(context, message);
	if (entered.kind === 'denied') return { kind: 'quota-exceeded', max: quota.max };
	if (entered.kind === 'token-used' || entered.kind === 'index-unavailable') return entered;
	if (entered.kind === 'unavailable') return unavailable(entered.reason, { asked: [] });
	if (entered.kind === 'ended') return end(context, message, entered.reason);
	// A repeated login adds nothing to the record that there is, whatever else it says.
	const replicated = await replicate(
		context,
		session.id,
		'quiet',
		(stored) => (stored === undefined ? session : undefined),
		{ isNew: true },
	);
	if (replicated.kind === 'unavailable') return unavailable(replicated.reason, replicated);
	const kept = replicated.session ?? session;
	if (!isSameLogin(kept, session)) return refuseTaken(context, session, kept);
	const answer = answerWith(kept, { ...replicated, nowMs: context.clock.now().wallMs });
	if (kept.revocation !== undefined) return endedAnswer(message, kept, answer);
	if (entered === withoutEntry) return queueEntry(context, answer);
	// Somebody may have found the entry and decided that the session ends. Nobody else would tell.
	const index = await context.subjects.read(session.subject);
	if (index.kind === 'failed') return unavailable(`the subject index is ${index.reason}`, answer.receipt);
	const entry = index.entries.find(({ id }) => id === session.id);
	if (entry === undefined) return answerWithoutEntry(context, message);
	return entry.ending === undefined ? answer : end(context, message, entry.ending);
}

const withoutEntry = { kind: 'without-entry' } as const;

/** Refuses a login under the id of another session, and removes the entry that it made. */
async function refuseTaken(context: BusContext, session: Session, stored: Session): Promise<AnswerTo<'create'>> {
	context.log('error', 'a login has the id of another session', { sessionId: session.id });
	const { id, createdAtMs, expiresAtMs } = entryOf(session);
	const isTrue =
		stored.subject === session.subject &&
		stored.createdAtMs === createdAtMs &&
		stored.absoluteExpiresAtMs === expiresAtMs;
	if (!isTrue)
		await context.subjects.change(session.subject, (entries) => ({
			outcome: undefined,
			entries: entries.filter(
				(entry) => entry.id !== id || entry.createdAtMs !== createdAtMs || entry.expiresAtMs !== expiresAtMs,
			),
		}));
	return { kind: 'refused', problem: 'the id is that of another session' };
}

/**
 * Ends a session that somebody decided to end while its login was under way. Its entry stays until
 * that is done.
 */
async function end(context: BusContext, message: Create, reason: RevocationReason): Promise<AnswerTo<'create'>> {
	const { session, quota } = message;
	const revocation = { atMs: context.clock.now().wallMs, reason };
	const change = { sessionId: session.id, proofWanted: false, changeId: `${session.id}.end` };
	const answer = await revokeSession(context, {
		...change,
		revocation,
		isProven: (stored) => isSameLogin(stored, session),
	});
	if (answer.kind === 'revoked') await forgetEntry(context, answer);
	if (reason === 'quota') return { kind: 'quota-exceeded', max: quota.max };
	if (answer.kind !== 'absent') return answer;
	// Nothing was stored, and whatever is stored later ends.
	return { kind: 'revoked', session: withRevocation(session, revocation), receipt: answer.receipt };
}

/**
 * Answers for a session whose entry is gone. Either the session was ended once it was stored, or
 * the login took so long that its entry was removed.
 */
async function answerWithoutEntry(context: BusContext, message: Create): Promise<AnswerTo<'create'>> {
	const read = await readSession(context, message.session.id);
	if (read.kind === 'answered') return unavailable('nobody can tell whether the session was ended', read);
	if (read.session.revocation === undefined) return unavailable('the login took too long', read);
	const answer = answerWith(read.session, { ...read, nowMs: context.clock.now().wallMs });
	return endedAnswer(message, read.session, answer);
}

function endedAnswer({ quota }: Create, session: Session, answer: AnswerTo<'create'>): AnswerTo<'create'> {
	return session.revocation?.reason === 'quota' ? { kind: 'quota-exceeded', max: quota.max } : answer;
}

/**
 * Queues a repair, which makes the missing entry of a live session. If one is queued for the record
 * already, that is enough.
 */
async function queueEntry(context: BusContext, answer: ReturnType<typeof answerWith>): Promise<AnswerTo<'create'>> {
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
