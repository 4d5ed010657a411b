import type { Session } from '../session/session.ts';
import { entryOf, type SubjectIndex, subjectEntriesMax } from './subject-index.ts';

/**
 * Adds a session that may still be used to its subject's index. No quota applies: the session is
 * already established, and the next login that reaches the index counts it. An existing entry stays
 * as it is, even if it is to end.
 */
export async function ensureEntry(
	subjects: SubjectIndex,
	session: Session,
	nowMs: number,
): Promise<'repaired' | 'retry'> {
	if (session.revocation !== undefined || nowMs >= session.absoluteExpiresAtMs) return 'repaired';
	const changed = await subjects.change(session.subject, (entries) => {
		if (entries.some(({ id }) => id === session.id)) return { outcome: undefined };
		// If there are too many, the entries that last longest stay. The newest is usually among
		// them.
		const longest = [...entries, entryOf(session)].sort((a, b) => b.expiresAtMs - a.expiresAtMs);
		return { outcome: undefined, entries: longest.slice(0, subjectEntriesMax) };
	});
	return changed.kind === 'failed' ? 'retry' : 'repaired';
}
