import type { Session, SessionId } from '../session/session.ts';
import { joinToStore } from './join.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import type { Repository, RepositoryName } from './repository.ts';

/** A repository in memory, for tests and the simulation. Each operation takes effect when it is called. No record in it is ever corrupt. */
export function createMemoryRepository(name: RepositoryName = 'memory'): Repository {
	const sessions = new Map<SessionId, Session>();
	return {
		name,
		load: async (id) => {
			const session = sessions.get(id);
			return session === undefined ? { kind: 'absent' } : { kind: 'found', session };
		},
		merge: async (id, propose) => {
			const stored = sessions.get(id);
			const join = joinToStore(stored, propose);
			if (join === undefined) return { kind: 'stored', session: stored };
			sessions.set(id, join);
			return { kind: 'stored', session: join };
		},
		quarantine: async () => ({ kind: 'kept' }),
		ledger: createMemoryLedger(),
	};
}
