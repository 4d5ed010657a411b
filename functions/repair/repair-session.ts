import type { Repository } from '../repositories/repository.ts';
import type { SubjectIndex } from '../repositories/subject-index.ts';
import { merge } from '../session/merge.ts';
import type { Session, SessionId } from '../session/session.ts';
import type { Clock } from '../system/clock.ts';
import { ensureEntry } from './ensure-entry.ts';

/** What a repair works with. */
export interface RepairPorts {
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectIndex;
	readonly clock: Clock;
}

/**
 * Gives every repository what it missed of a session: the join of all that they hold. In any order, any number of times, the
 * outcome is the same, since a merge takes nothing back (I6). A session that was established while the subject index could not be
 * reached gets its entry.
 *
 * `retry`: a repository did not answer, so some of them may still lack something. Dying in between is a retry.
 */
export async function repairSession(
	{ repositories, subjects, clock }: RepairPorts,
	sessionId: SessionId,
): Promise<'repaired' | 'retry'> {
	let join: Session | undefined;
	for (const loaded of await Promise.all(repositories.map(({ load }) => load(sessionId)))) {
		if (loaded.kind === 'failed') return 'retry';
		if (loaded.kind === 'found') join = join === undefined ? loaded.session : merge(join, loaded.session);
	}
	if (join === undefined) return 'repaired';
	const known = join;
	const merged = await Promise.all(repositories.map((repository) => repository.merge(sessionId, () => known)));
	if (merged.some(({ kind }) => kind === 'failed')) return 'retry';
	return ensureEntry(subjects, known, clock.now().wallMs);
}
