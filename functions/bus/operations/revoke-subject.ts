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
 * Ends a subject's sessions. One conditional write records in their entries that they are to end.
 * Then each session is ended as a logout does. A retry continues with the entries that are left. A
 * login that is under way finds that its entry is to end, and is not acknowledged.
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
	const changed = await context.subjects.change(subject, (entries) => {
		const after = entries.map(withEnding);
		const outcome = after.filter(({ id, ending }) => ending !== undefined && id !== except);
		return after.every((entry, index) => entry === entries[index]) ? { outcome } : { outcome, entries: after };
	});
	if (changed.kind === 'failed') return unavailable(`the subject index is ${changed.reason}`, { asked: [] });
	const toEnd = [...changed.outcome].sort(byAge);
	let ended = 0;
	let degraded = false;
	for (let begin = 0; begin < toEnd.length; begin += stepMax) {
		// The session server would not wait for more. The entries that are left are still to end.
		if (ranMs(begunAt, context.clock.now()) > endStepsMs) return { kind: 'ended', ended, degraded, more: true };
		const step = await endSessions(context, subject, toEnd.slice(begin, begin + stepMax), changeId);
		if (step.kind === 'unavailable') return unavailable(step.reason, { asked: [] });
		ended += step.ended;
		degraded ||= step.degraded;
	}
	return { kind: 'ended', ended, degraded, more: false };
}

/** How many sessions are ended between two writes of the index. */
const stepMax = 20;
