import type { EntryStore, StoredEntries } from '../../../functions/repositories/optimistic-change.ts';
import type { SubjectEntry } from '../../../functions/repositories/subject-index.ts';
import type { SessionId } from '../../../functions/session/session.ts';

/**
 * The items of the subject index, as DynamoDB keeps them. A call takes effect each time it arrives.
 */
export interface SubjectItems extends EntryStore {
	/** The entries that are stored at this moment. */
	entriesOf(subject: string): readonly SubjectEntry[];
	/** Every session that has an entry at this moment. */
	ids(): ReadonlySet<SessionId>;
	/** Returns a function that sets the items back to how they are now. */
	backUp(): () => void;
}

export function createSubjectItems(): SubjectItems {
	const items = new Map<string, StoredEntries>();
	const stored = (subject: string) =>
		items.get(subject) ?? { kind: 'stored' as const, entries: [], used: [], revision: undefined };
	return {
		entriesOf: (subject) => stored(subject).entries,
		ids: () => new Set([...items.values()].flatMap(({ entries }) => entries.map(({ id }) => id))),
		backUp: () => {
			const before = new Map(items);
			return () => {
				items.clear();
				for (const [subject, entries] of before) items.set(subject, entries);
			};
		},
		get: async (subject) => stored(subject),
		// Every item can be read.
		setAside: async (subject) => stored(subject),
		put: async (subject, over, entries, used) => {
			const current = stored(subject);
			if (current.revision !== over.revision) return current;
			items.set(subject, { kind: 'stored', entries, used, revision: (over.revision ?? 0) + 1 });
			return 'written';
		},
	};
}
