import type { AnswerOf } from '../../protocol/answers.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { SubjectEntry } from '../../repositories/subject-index.ts';
import type { RevocationReason } from '../../session/session.ts';
import { ranMs } from '../../system/clock.ts';
import { endStepsMs } from '../../system/time-budget.ts';
import type { BusContext } from '../context.ts';
import { readSession } from '../reading/read-session.ts';
import { answerWith, unavailable } from '../receipts.ts';
import { byAge } from '../subjects/admit.ts';
import { endSessions } from '../subjects/end-sessions.ts';
import { mayLackEntries } from '../subjects/incomplete.ts';
import { revokeSession } from './revoke.ts';

/**
 * Ends a subject's sessions. One conditional write records in their entries that they are to end.
 * Then each session is ended as a logout does. A retry continues with the entries that are left. A
 * login that is under way finds that its entry is to end, and is not acknowledged.
 *
 * The write marks nothing if the asking session, `except`, is marked itself. So of two sessions
 * that end the others at the same moment, the one that marks first stays, and the other one is
 * `revoked`.
 *
 * Only sessions that were created by the time of the revocation end. So a message that is repeated
 * late does not end the sessions that came after it.
 */
export async function revokeSubject(
	context: BusContext,
	message: MessageOf<'revokeSubject'>,
): Promise<AnswerTo<'revokeSubject'>> {
	const begunAt = context.clock.now();
	const { subject, except, revocation, changeId } = message;
	const untilMs = revocation.atMs + context.timing.skewMs;
	const withEnding = (entry: SubjectEntry): SubjectEntry =>
		entry.ending === undefined && entry.id !== except && entry.createdAtMs <= untilMs
			? { ...entry, ending: revocation.reason }
			: entry;
	const mark = (mayLackEntry: boolean) =>
		context.subjects.change<Marked>(subject, (entries) => {
			const own = entries.find(({ id }) => id === except);
			if (own?.ending !== undefined) return { outcome: { kind: 'asker-ends', reason: own.ending } };
			if (except !== undefined && own === undefined && !mayLackEntry) return { outcome: { kind: 'asker-unknown' } };
			const after = entries.map(withEnding);
			const outcome = { kind: 'marked', toEnd: after.filter(({ ending }) => ending !== undefined) } as const;
			return after.every((entry, index) => entry === entries[index]) ? { outcome } : { outcome, entries: after };
		});
	let changed = await mark(except === undefined);
	if (changed.kind === 'decided' && changed.outcome.kind === 'asker-unknown' && except !== undefined) {
		const read = await readSession(context, except, 'strict');
		if (read.kind === 'answered') return unavailable('the asking session is not known', read);
		const answer = answerWith(read.session, { ...read, nowMs: begunAt.wallMs });
		if (answer.kind === 'revoked') return answer;
		changed = await mark(true);
	}
	if (changed.kind === 'failed') return unavailable(`the subject index is ${changed.reason}`, { asked: [] });
	if (changed.outcome.kind !== 'marked') return endAsker(context, message, changed.outcome);
	const incomplete = await mayLackEntries(context, changed);
	const toEnd = [...changed.outcome.toEnd].sort(byAge);
	let ended = 0;
	let degraded = false;
	let unreadable = 0;
	for (let begin = 0; begin < toEnd.length; begin += stepMax) {
		// The session server would not wait for more. The entries that are left are still to end.
		if (ranMs(begunAt, context.clock.now()) > endStepsMs)
			return { kind: 'ended', ended, degraded, ...left(unreadable, incomplete), more: true };
		const step = await endSessions(context, subject, toEnd.slice(begin, begin + stepMax), changeId);
		if (step.kind === 'unavailable') return unavailable(step.reason, { asked: [] });
		ended += step.ended;
		degraded ||= step.degraded;
		unreadable += step.unreadable;
	}
	return { kind: 'ended', ended, degraded, ...left(unreadable, incomplete), more: false };
}

function left(unreadable: number, incomplete: boolean): Pick<AnswerOf<'ended'>, 'unreadable' | 'incomplete'> {
	return { ...(unreadable === 0 ? {} : { unreadable }), ...(incomplete ? { incomplete } : {}) };
}

type Marked =
	/** The sessions with these entries are to end, by this message or an earlier one. */
	| { readonly kind: 'marked'; readonly toEnd: readonly SubjectEntry[] }
	/** Somebody decided before that the asking session ends. Nothing was marked. */
	| { readonly kind: 'asker-ends'; readonly reason: RevocationReason }
	/**
	 * The asking session has no entry. Either it has ended, or it was established while the index was
	 * unavailable. Nothing was marked.
	 */
	| { readonly kind: 'asker-unknown' };

/** Ends the asking session, as somebody decided before. So its client is told the truth. */
async function endAsker(
	context: BusContext,
	{ subject, except, revocation, changeId }: MessageOf<'revokeSubject'>,
	outcome: Exclude<Marked, { kind: 'marked' }>,
): Promise<AnswerTo<'revokeSubject'>> {
	if (except === undefined || outcome.kind === 'asker-unknown')
		return unavailable('the asking session is not known', { asked: [] });
	const end = { atMs: revocation.atMs, reason: outcome.reason };
	const change = { sessionId: except, subject, proofWanted: false, changeId: `${changeId}.${except}` };
	const answer = await revokeSession(context, { ...change, revocation: end });
	return answer.kind === 'absent' ? unavailable('the asking session is not known', answer.receipt) : answer;
}

/** How many sessions are ended between two writes of the index. */
const stepMax = 20;
