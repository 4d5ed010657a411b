import { type ListedSession, listedMax } from '../../protocol/answers.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { lifeOf } from '../../session/lifetime.ts';
import { summaryOf } from '../../session/summary.ts';
import type { BusContext } from '../context.ts';
import { readSession } from '../reading/read-session.ts';
import { answerWith, isUnreadable, unavailable } from '../receipts.ts';
import { byAge } from '../subjects/admit.ts';
import { entryStateOf, isOf, loadWidthMax, underWayMs } from '../subjects/entry-state.ts';
import { mayLackEntries } from '../subjects/incomplete.ts';
import { readAsker } from '../subjects/read-asker.ts';

/**
 * Lists the live sessions of the asker's subject. Each is read, because only the record tells
 * whether it is live. If a repository does not answer, the list is unavailable: a shorter list
 * would say that a session does not exist (I8). Sessions that no repository can read are counted,
 * and so are those whose records contradict each other.
 */
export async function list(context: BusContext, { asker }: MessageOf<'list'>): Promise<AnswerTo<'list'>> {
	const own = await readAsker(context, asker);
	if (own.kind === 'answered') return own.answer;
	const { subject } = own.session;
	const index = await context.subjects.read(subject);
	if (index.kind === 'failed') return unavailable(`the subject index is ${index.reason}`, { asked: [] });
	const { wallMs } = context.clock.now();
	const entries = index.entries.filter(({ expiresAtMs }) => wallMs < expiresAtMs).sort((a, b) => byAge(b, a));
	const sessions: ListedSession[] = [];
	let unreadable = 0;
	const over = new Set<SubjectEntry['id']>();
	for (let begin = 0; begin < entries.length && sessions.length <= listedMax; begin += loadWidthMax) {
		const batch = entries.slice(begin, begin + loadWidthMax);
		const reads = batch.map(async (entry) => ({
			entry,
			read: await readSession(context, entry.id, 'bounded', 'head', isOf(subject)),
		}));
		for (const { entry, read } of await Promise.all(reads)) {
			const nowMs = context.clock.now().wallMs;
			if (read.kind === 'answered') {
				if (read.answer.kind === 'absent') {
					if (nowMs >= entry.createdAtMs + underWayMs) over.add(entry.id);
					continue;
				}
				if (!isUnreadable(read.answer)) return read.answer;
				unreadable++;
				continue;
			}
			const { session } = read;
			if (entryStateOf(session, nowMs).kind === 'over' && !read.degraded) over.add(session.id);
			if (lifeOf(session, nowMs) !== 'live') continue;
			sessions.push({ ...summaryOf(session), receipt: answerWith(session, { ...read, nowMs }).receipt });
		}
	}
	await forget(context, subject, over);
	const incomplete = await mayLackEntries(context, index);
	return {
		kind: 'listed',
		sessions: sessions.slice(0, listedMax),
		...(unreadable > 0 ? { unreadable } : {}),
		...(incomplete ? { incomplete } : {}),
		more: sessions.length > listedMax,
	};
}

/** Removes entries that are over. If this fails, the next list does it. */
async function forget(context: BusContext, subject: string, over: ReadonlySet<SubjectEntry['id']>): Promise<void> {
	if (over.size === 0) return;
	await context.subjects.change(subject, (entries) => ({
		outcome: undefined,
		entries: entries.filter(({ id, ending }) => ending !== undefined || !over.has(id)),
	}));
}
