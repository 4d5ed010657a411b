import type { EntryStore, StoredEntries } from '../../../functions/repositories/optimistic-change.ts';
import type { SubjectEntry } from '../../../functions/repositories/subject-index.ts';

/**
 * The items of the subject index, as DynamoDB keeps them. A call takes effect each time it arrives.
 */
export interface SubjectItems extends EntryStore {
	/** The entries that are stored at this moment. */
	entriesOf(subject: string): readonly SubjectEntry[];
}

export function createSubjectItems(): SubjectItems {
	const items = new Map<string, StoredEntries>();
	const stored = (subject: string) =>
		items.get(subject) ?? { kind: 'stored' as const, entries: [], used: [], revision: undefined };
	return {
		entriesOf: (subject) => stored(subject).entries,
		get: async (subject) => stored(subject),
		put: async (subject, over, entries, used) => {
			const current = stored(subject);
			if (current.revision !== over.revision) return current;
			items.set(subject, { kind: 'stored', entries, used, revision: (over.revision ?? 0) + 1 });
			return 'written';
		},
	};
}
