import type { Tally, TallyKeeper } from '../tally.ts';

/** A tally in memory. Each operation takes effect when it is called. */
export interface MemoryTally extends TallyKeeper {
	/** Returns a function that sets the tally back to how it is now. */
	backUp(): () => void;
}

export function createMemoryTally(): MemoryTally {
	let tally: Tally | undefined;
	let revisions = 0;
	return {
		read: async () => ({ kind: 'known', tally }),
		write: async ({ count, atMs }, over) => {
			if (tally?.revision !== over?.revision) return { kind: 'conflict' };
			tally = { count, atMs, revision: String(++revisions) };
			return { kind: 'written' };
		},
		backUp: () => {
			const before = tally;
			return () => {
				tally = before;
			};
		},
	};
}
