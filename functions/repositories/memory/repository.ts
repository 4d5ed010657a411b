import type { RepositoryName } from '../../session/repository-name.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { place } from '../placement.ts';
import { listPageMax, type Repository } from '../repository.ts';
import { createMemoryTally } from './tally.ts';

/** Its records and its tally can be set back to an earlier moment, and records can be forged. */
export interface MemoryRepository extends Repository {
	/** Returns a function that sets the repository back to how it is now. */
	backUp(): () => void;
	/** Stores the record without a merge, as anyone with access to a store could. */
	overwrite(session: Session): void;
}

/**
 * A repository in memory, for tests and the simulation. Each operation takes effect when it is
 * called. No record in it is ever corrupt.
 *
 * @param fits whether a session fits whole. By default every session does.
 */
export function createMemoryRepository(
	name: RepositoryName = 'memory',
	fits?: (session: Session) => boolean,
): MemoryRepository {
	const sessions = new Map<SessionId, Session>();
	const tally = createMemoryTally();
	return {
		name,
		load: async (id) => {
			const session = sessions.get(id);
			return session === undefined ? { kind: 'absent' } : { kind: 'found', session };
		},
		merge: async (id, propose, heldElsewhere) => {
			const stored = sessions.get(id);
			const placement = place(stored, propose, fits, heldElsewhere);
			if (placement.kind === 'too-large') return placement;
			if (placement.kind === 'nothing') return { kind: 'stored', session: stored };
			sessions.set(id, placement.session);
			return { kind: 'stored', session: placement.session };
		},
		quarantine: async (id, isForged = () => false) => {
			const stored = sessions.get(id);
			if (stored === undefined || !isForged(stored)) return { kind: 'kept' };
			sessions.delete(id);
			return { kind: 'moved' };
		},
		list: async (after = '') => {
			const rest = [...sessions.keys()].filter((id) => id > after).sort();
			const ids = rest.slice(0, listPageMax);
			return { kind: 'listed', ids, next: rest.length > ids.length ? ids.at(-1) : undefined };
		},
		tally,
		backUp: () => {
			const [before, restoreTally] = [new Map(sessions), tally.backUp()];
			return () => {
				sessions.clear();
				for (const [id, session] of before) sessions.set(id, session);
				restoreTally();
			};
		},
		overwrite: (session) => void sessions.set(session.id, session),
	};
}
