import type { RepositoryName } from '../../session/repository-name.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { place } from '../placement.ts';
import type { Repository } from '../repository.ts';
import { createMemoryLedger } from './ledger.ts';

export interface MemoryRepository extends Repository {
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
		ledger: createMemoryLedger(),
		overwrite: (session) => void sessions.set(session.id, session),
	};
}
