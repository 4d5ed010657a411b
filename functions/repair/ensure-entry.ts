import { entryOf, type SubjectIndex, subjectEntriesMax } from '../repositories/subject-index.ts';
import type { Session } from '../session/session.ts';

/**
 * Sees to it that a session which may still be used is in its subject's index. No quota applies: the session is established, and the
 * next login that reaches the index counts it. An entry that is there stays as it is, and so does its mark.
 */
export async function ensureEntry(
	subjects: SubjectIndex,
	session: Session,
	nowMs: number,
): Promise<'repaired' | 'retry'> {
	if (session.revocation !== undefined || nowMs >= session.absoluteExpiresAtMs) return 'repaired';
	const changed = await subjects.change(session.subject, (entries) => {
		if (entries.some(({ id }) => id === session.id)) return { outcome: undefined };
		// Those that last longest are kept where there are too many; the newest one is most often among them.
		const longest = [...entries, entryOf(session)].sort((a, b) => b.expiresAtMs - a.expiresAtMs);
		return { outcome: undefined, entries: longest.slice(0, subjectEntriesMax) };
	});
	return changed.kind === 'failed' ? 'retry' : 'repaired';
}
