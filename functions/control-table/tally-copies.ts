import type { RepositoryName } from '../session/repository-name.ts';

/**
 * Port: the copy of each repository's tally, in the control table. If the copy is ahead of the
 * repository's own tally, or has another time with the same count, somebody has set the repository
 * back to an earlier moment.
 *
 * Each call is one atomic operation. A read sees every write that was answered before the read
 * began. A call that throws `Unreachable` may have had its effect, or may have it later.
 */
export interface TallyCopies {
	/** `undefined`: nobody has counted the repository yet. */
	read(of: RepositoryName): Promise<TallyCopy | undefined>;

	/** Replaces a copy with a lower count. One with this count, or a higher one, stays as it is. */
	raise(of: RepositoryName, to: TallyCopy): Promise<void>;
}

export interface TallyCopy {
	readonly count: number;
	/** When the repository was counted, by the clock of the bus that counted. */
	readonly atMs: number;
}
