import type { FeedEntry } from '../../control-table/feed.ts';
import { feedOverlapMs, type Timing } from '../../control-table/timing.ts';

/** The feed entries that the overlap makes every sync read again, so that each drops its copy only once. */
export interface RecentEntries {
	/** Whether the entry is a new one. */
	add(entry: FeedEntry): boolean;
	/** Forgets what no later read, from `syncedAtMs` less the overlap, returns. */
	forgetBefore(syncedAtMs: number): void;
	/** Whether an entry waits for proof that it was read. */
	mustAcknowledge(): boolean;
	/** The lease says that this instance synced through `syncedThroughMs`. */
	acknowledged(syncedThroughMs: number): void;
}

/** Forgetting an entry too early costs a load, so there is no harm in a bound. */
const entriesMax = 20_000;

export function createRecentEntries(timing: Timing): RecentEntries {
	const atMsById = new Map<string, number>();
	let acknowledgeThroughMs: number | undefined;
	return {
		add: (entry) => {
			if (atMsById.has(entry.id)) return false;
			if (atMsById.size >= entriesMax) atMsById.clear();
			atMsById.set(entry.id, entry.atMs);
			// Whoever waits compares with the end of the append, by its own clock.
			if (entry.proofWanted)
				acknowledgeThroughMs = Math.max(acknowledgeThroughMs ?? 0, entry.atMs + feedOverlapMs(timing));
			return true;
		},
		forgetBefore: (syncedAtMs) => {
			const oldestMs = syncedAtMs - feedOverlapMs(timing);
			for (const [id, atMs] of atMsById) if (atMs < oldestMs) atMsById.delete(id);
		},
		mustAcknowledge: () => acknowledgeThroughMs !== undefined,
		acknowledged: (syncedThroughMs) => {
			if (acknowledgeThroughMs !== undefined && syncedThroughMs > acknowledgeThroughMs)
				acknowledgeThroughMs = undefined;
		},
	};
}
