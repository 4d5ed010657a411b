import type { Failed } from '../../../functions/repositories/failed.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import type { RepositoryName } from '../../../functions/session/repository-name.ts';
import type { Session, SessionId } from '../../../functions/session/session.ts';

/** A repository in memory whose records can become unreadable. */
export interface CorruptibleRepository extends Repository {
	/** Makes the record of `id` unreadable for the given reason. */
	spoil(id: SessionId, reason?: Failed['reason']): void;
	/** The sessions whose records were moved aside. */
	readonly quarantined: ReadonlySet<SessionId>;
	stored(id: SessionId): Promise<Session | undefined>;
}

export function createCorruptibleRepository(name: RepositoryName): CorruptibleRepository {
	const memory = createMemoryRepository(name);
	// A corrupt record is lost for good, so a fresh repository takes over afterwards.
	const fresh = createMemoryRepository(name);
	const spoiled = new Map<SessionId, Failed['reason']>();
	const quarantined = new Set<SessionId>();
	const failedFor = (id: SessionId): Failed | undefined => {
		const reason = spoiled.get(id);
		return reason && { kind: 'failed', reason, cause: new Error('spoiled') };
	};
	const behind = (id: SessionId) => (quarantined.has(id) ? fresh : memory);
	return {
		...memory,
		spoil: (id, reason = 'corrupt') => void spoiled.set(id, reason),
		quarantined,
		stored: async (id) => {
			const loaded = await behind(id).load(id);
			return loaded.kind === 'found' ? loaded.session : undefined;
		},
		load: async (id) => failedFor(id) ?? behind(id).load(id),
		merge: async (id, propose) => failedFor(id) ?? behind(id).merge(id, propose),
		quarantine: async (id, isForged) => {
			const failed = failedFor(id);
			if (failed === undefined) return behind(id).quarantine(id, isForged);
			if (failed.reason !== 'corrupt') return failed;
			spoiled.delete(id);
			quarantined.add(id);
			return { kind: 'moved' };
		},
	};
}
