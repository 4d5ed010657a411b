import { type Feed, type FeedEntry, feedEntriesMax } from '../feed.ts';

/**
 * A feed in memory, for tests and the simulation. Each operation takes effect when it is called.
 */
export function createMemoryFeed(): Feed {
	/**
	 * Sorted by time. Entries arrive nearly in order, so the place of a new one is searched from
	 * the end.
	 */
	const entries: FeedEntry[] = [];
	return {
		append: async (entry) => {
			let index = entries.length;
			while (index > 0 && (entries[index - 1]?.atMs ?? 0) > entry.atMs) index--;
			entries.splice(index, 0, Object.freeze({ ...entry }));
		},
		read: async (fromMs, toMs) => {
			let first = entries.length;
			while (first > 0 && (entries[first - 1]?.atMs ?? 0) >= fromMs) first--;
			let last = first;
			while (last < entries.length && (entries[last]?.atMs ?? 0) <= toMs) last++;
			return last - first > feedEntriesMax ? 'overflow' : entries.slice(first, last);
		},
	};
}
