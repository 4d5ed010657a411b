import { type ListedSession, listedMax } from '../../protocol/answers.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { lifeOf } from '../../session/lifetime.ts';
import { summaryOf } from '../../session/summary.ts';
import type { BusContext } from '../context.ts';
import { selectAndLoad } from '../reading/read-session.ts';
import { answerWith, unavailable } from '../receipts.ts';
import { byAge } from '../subjects/admit.ts';
import { entryStateOf, loadWidthMax } from '../subjects/entry-state.ts';

/**
 * Lists a subject's live sessions. Each is loaded, since only the record knows; when one cannot be, there is no list, because a
 * shorter one would say that the session is not there (I8).
 */
export async function list(context: BusContext, { subject }: MessageOf<'list'>): Promise<AnswerTo<'list'>> {
	const index = await context.subjects.read(subject);
	if (index.kind === 'failed') return unavailable(`the subject index is ${index.reason}`, { asked: [] });
	const { wallMs } = context.clock.now();
	const entries = index.entries.filter(({ expiresAtMs }) => wallMs < expiresAtMs).sort((a, b) => byAge(b, a));
	const sessions: ListedSession[] = [];
	const over = new Set<SubjectEntry['id']>();
	for (let begin = 0; begin < entries.length && sessions.length <= listedMax; begin += loadWidthMax) {
		const some = entries.slice(begin, begin + loadWidthMax);
		const loads = await Promise.all(some.map(({ id }) => selectAndLoad(context, id)));
		for (const selected of loads) {
			const nowMs = context.clock.now().wallMs;
			if (selected.session === undefined) {
				if (selected.answer.kind === 'absent') continue;
				return selected.answer;
			}
			const { session } = selected;
			if (entryStateOf(session, nowMs).kind === 'over' && !selected.degraded) over.add(session.id);
			if (lifeOf(session, nowMs) !== 'live') continue;
			sessions.push({ ...summaryOf(session), receipt: answerWith(session, { ...selected, nowMs }).receipt });
		}
	}
	await forget(context, subject, over);
	return { kind: 'listed', sessions: sessions.slice(0, listedMax), more: sessions.length > listedMax };
}

/** Nobody waits for this but whoever asks next, so when it fails it is not done. */
async function forget(context: BusContext, subject: string, over: ReadonlySet<SubjectEntry['id']>): Promise<void> {
	if (over.size === 0) return;
	await context.subjects.change(subject, (entries) => ({
		outcome: undefined,
		entries: entries.filter(({ id, ending }) => ending !== undefined || !over.has(id)),
	}));
}
