import type { FeedEntry } from '../../control-table/feed.ts';
import { feedOverlapMs, type Timing } from '../../control-table/timing.ts';

/**
 * The feed entries of the last syncs. Every sync reads some entries again because of the overlap.
 * An entry must drop its copy only once, so that the copy loaded after it stays.
 */
export interface RecentEntries {
	/** Remembers an entry, and returns whether it is new. */
	add(entry: FeedEntry): boolean;
	/** Forgets the entries that no sync after one at `syncedAtMs` reads again. */
	forgetBefore(syncedAtMs: number): void;
	/** Whether an instance waits for the proof that one of these entries was read. */
	mustProve(): boolean;
	/** Call this once the lease has `syncedThroughMs`. */
	proved(syncedThroughMs: number): void;
}

/** If an entry is forgotten too early, it drops a copy again, which costs one load. */
const entriesMax = 20_000;

export function createRecentEntries(timing: Timing): RecentEntries {
	const atMsById = new Map<string, number>();
	let proveThroughMs: number | undefined;
	return {
		add: (entry) => {
			if (atMsById.has(entry.id)) return false;
			if (atMsById.size >= entriesMax) atMsById.clear();
			atMsById.set(entry.id, entry.atMs);
			// The waiting instance compares with the end of the append, by its own clock.
			if (entry.proofWanted) proveThroughMs = Math.max(proveThroughMs ?? 0, entry.atMs + feedOverlapMs(timing));
			return true;
		},
		forgetBefore: (syncedAtMs) => {
			const oldestMs = syncedAtMs - feedOverlapMs(timing);
			for (const [id, atMs] of atMsById) if (atMs < oldestMs) atMsById.delete(id);
		},
		mustProve: () => proveThroughMs !== undefined,
		proved: (syncedThroughMs) => {
			if (proveThroughMs !== undefined && syncedThroughMs > proveThroughMs) proveThroughMs = undefined;
		},
	};
}
