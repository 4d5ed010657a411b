import type { Failed } from './failed.ts';

/**
 * Port: a counter in each repository. It counts up while the repository is in use, and the copy of
 * it in the control table follows. So if the copy is ahead, the repository was set back to an
 * earlier moment. Operations on the tally are linearizable.
 */
export interface TallyKeeper {
	/** `undefined`: it was never counted. */
	read(): Promise<{ readonly kind: 'known'; readonly tally: Tally | undefined } | Failed>;
	/**
	 * Writes the tally if it is still `over`. `undefined`: if there is still no tally.
	 *
	 * The write is tried once. After a restore from a backup, a second try would find the revision
	 * that it expects, and bring back a tally that was there before.
	 */
	write(
		tally: Pick<Tally, 'count' | 'atMs'>,
		over: Tally | undefined,
	): Promise<{ readonly kind: 'written' } | Conflict | Failed>;
}

export interface Tally {
	readonly count: number;
	/** When it was counted, by the clock of the bus that counted. */
	readonly atMs: number;
	readonly revision: Revision;
}

/**
 * Names one state of a tally. Every write gives it a revision that nothing had before and nothing
 * will have again.
 */
export type Revision = string;

/**
 * The tally no longer has that revision, so nothing was written. A call that was repeated may
 * conflict with its own effect.
 */
interface Conflict {
	readonly kind: 'conflict';
}
