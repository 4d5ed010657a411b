import type { IndexFailed, SubjectEntry, SubjectIndex } from './subject-index.ts';

/** A subject's entries, and what names this very state of them. */
export interface StoredEntries {
	readonly entries: readonly SubjectEntry[];
	/** `undefined` where nothing is stored. */
	readonly revision: number | undefined;
}

/** A store of entries that can write on condition. */
export interface EntryStore {
	get(subject: string): Promise<StoredEntries | IndexFailed>;
	/** Writes on condition that the stored state is still `over`; otherwise says what is stored instead. */
	put(
		subject: string,
		over: StoredEntries,
		entries: readonly SubjectEntry[],
	): Promise<'written' | StoredEntries | IndexFailed>;
}

/** The index over such a store: a change is a read, a decision and a conditional write, and again when another write came between. */
export function createOptimisticIndex(name: SubjectIndex['name'], store: EntryStore): SubjectIndex {
	return {
		name,
		read: async (subject) => {
			const stored = await store.get(subject);
			return isFailed(stored) ? stored : { kind: 'read', entries: stored.entries };
		},
		change: async (subject, decide) => {
			let stored = await store.get(subject);
			for (let attempt = 0; attempt < changeAttemptsMax; attempt++) {
				if (isFailed(stored)) return stored;
				const { outcome, entries } = decide(stored.entries);
				if (entries === undefined) return { kind: 'decided', outcome };
				const put = await store.put(subject, stored, entries);
				if (put === 'written') return { kind: 'decided', outcome };
				stored = put;
			}
			return { kind: 'failed', reason: 'contended', cause: new Error('too many conflicting writes') };
		},
	};
}

/**
 * Who loses learns from the refusal what won, and tries again at once: for each attempt lost, another writer got through. So as
 * many writers of one subject at the same moment all get through, and more are a flood that is to be turned away.
 */
const changeAttemptsMax = 60;

function isFailed(stored: StoredEntries | IndexFailed): stored is IndexFailed {
	return 'kind' in stored;
}
