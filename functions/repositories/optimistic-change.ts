import type { IndexFailed, SubjectEntry, SubjectIndex, UsedToken } from './subject-index.ts';

/** A subject's entries as they are stored. */
export interface StoredEntries {
	readonly kind: 'stored';
	readonly entries: readonly SubjectEntry[];
	readonly used: readonly UsedToken[];
	/** Names this very state of the entries. `undefined`: nothing is stored. */
	readonly revision: number | undefined;
	/** The part that only a later version knows. The store writes it back. */
	readonly unknown?: unknown;
	readonly incompleteUntilMs?: number;
}

/** A store of entries that can write on condition. Its operations never throw. */
export interface EntryStore {
	get(subject: string): Promise<StoredEntries | IndexFailed>;
	/**
	 * Moves entries aside that cannot be read, and keeps them where nothing looks for entries. In
	 * their place is an empty list, which says that it is incomplete. Returns what is stored now.
	 */
	setAside(subject: string): Promise<StoredEntries | IndexFailed>;
	/**
	 * Writes if the stored entries still have the revision of `over`. Otherwise returns what is
	 * stored instead.
	 */
	put(
		subject: string,
		over: StoredEntries,
		entries: readonly SubjectEntry[],
		used: readonly UsedToken[],
	): Promise<'written' | StoredEntries | IndexFailed>;
}

/**
 * The subject index over such a store. A change reads the entries, decides, and writes on
 * condition. If another write came between, it decides again over what that one stored.
 */
export function createOptimisticIndex(name: SubjectIndex['name'], store: EntryStore): SubjectIndex {
	async function get(subject: string): Promise<StoredEntries | IndexFailed> {
		const stored = await store.get(subject);
		return stored.kind === 'failed' && stored.reason === 'corrupt' ? store.setAside(subject) : stored;
	}

	return {
		name,
		read: async (subject) => {
			const stored = await get(subject);
			return stored.kind === 'failed' ? stored : { kind: 'read', entries: stored.entries, ...lossOf(stored) };
		},
		change: async (subject, decide) => {
			let stored = await get(subject);
			for (let attempt = 0; attempt < changeAttemptsMax; attempt++) {
				if (stored.kind === 'failed') return stored;
				const { outcome, entries, used = stored.used } = decide(stored.entries, stored.used);
				if (entries === undefined) return { kind: 'decided', outcome, ...lossOf(stored) };
				const put = await store.put(subject, stored, entries, used);
				if (put === 'written') return { kind: 'decided', outcome, ...lossOf(stored) };
				stored = put;
			}
			return { kind: 'failed', reason: 'contended', cause: new Error('too many conflicting writes') };
		},
	};
}

function lossOf({ incompleteUntilMs }: StoredEntries): Pick<StoredEntries, 'incompleteUntilMs'> {
	return incompleteUntilMs === undefined ? {} : { incompleteUntilMs };
}

/**
 * A writer that loses learns from the refusal what won, and tries again at once. For each attempt
 * that it loses, another writer succeeds. So this many concurrent writers of one subject all
 * succeed. More than that are a flood, which the index turns away.
 */
const changeAttemptsMax = 60;
