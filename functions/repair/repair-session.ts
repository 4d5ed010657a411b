import type { Repository } from '../repositories/repository.ts';
import { spread } from '../repositories/spread.ts';
import { merge } from '../session/merge.ts';
import type { Session, SessionId } from '../session/session.ts';

/**
 * Gives every repository what it missed of a session: the join of all that they hold, or a stub of it where it does not fit. In any order, any number of times, the
 * outcome is the same, since a merge takes nothing back (I6).
 *
 * `retry`: a repository did not answer, so some of them may still lack something. Dying in between is a retry.
 */
export async function repairSession(
	repositories: readonly Repository[],
	sessionId: SessionId,
): Promise<'repaired' | 'retry'> {
	let join: Session | undefined;
	for (const loaded of await Promise.all(repositories.map(({ load }) => load(sessionId)))) {
		if (loaded.kind === 'failed') return 'retry';
		if (loaded.kind === 'found') join = join === undefined ? loaded.session : merge(join, loaded.session);
	}
	if (join === undefined) return 'repaired';
	const known = join;
	const { holders } = await spread(repositories, sessionId, () => known);
	return holders.length === repositories.length ? 'repaired' : 'retry';
}
