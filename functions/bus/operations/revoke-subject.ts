import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { ranMs } from '../../system/clock.ts';
import { endStepsMs } from '../../system/time-budget.ts';
import type { BusContext } from '../context.ts';
import { unavailable } from '../receipts.ts';
import { byAge } from '../subjects/admit.ts';
import { endSessions } from '../subjects/end-sessions.ts';

/**
 * Ends a subject's sessions. One conditional write marks all that are to end; then each is ended as a logout does. Whoever finds a
 * mark goes on, so a retry does not begin anew, and a login that was under way finds its mark and is not acknowledged.
 *
 * Only sessions created by the time of the revocation: the same message, repeated late, must not end those that came after.
 */
export async function revokeSubject(
	context: BusContext,
	message: MessageOf<'revokeSubject'>,
): Promise<AnswerTo<'revokeSubject'>> {
	const begunAt = context.clock.now();
	const { subject, except, revocation, changeId } = message;
	const untilMs = revocation.atMs + context.timing.skewMs;
	const mark = (entry: SubjectEntry): SubjectEntry =>
		entry.ending === undefined && entry.id !== except && entry.createdAtMs <= untilMs
			? { ...entry, ending: revocation.reason }
			: entry;
	const marked = await context.subjects.change(subject, (entries) => {
		const after = entries.map(mark);
		const outcome = after.filter(({ id, ending }) => ending !== undefined && id !== except);
		return after.every((entry, index) => entry === entries[index]) ? { outcome } : { outcome, entries: after };
	});
	if (marked.kind === 'failed') return unavailable(`the subject index is ${marked.reason}`, { asked: [] });
	const ending = [...marked.outcome].sort(byAge);
	let ended = 0;
	let degraded = false;
	for (let begin = 0; begin < ending.length; begin += stepMax) {
		// Whoever asked would not wait for more. What is left is marked.
		if (ranMs(begunAt, context.clock.now()) > endStepsMs) return { kind: 'ended', ended, degraded, more: true };
		const step = await endSessions(context, subject, ending.slice(begin, begin + stepMax), changeId);
		if (step.kind === 'unavailable') return unavailable(step.reason, { asked: [] });
		ended += step.ended;
		degraded ||= step.degraded;
	}
	return { kind: 'ended', ended, degraded, more: false };
}

/** Sessions ended between two writes of the index. */
const stepMax = 20;
