import type { RepositoryName } from '../session/repository-name.ts';
import type { SessionId } from '../session/session.ts';
import type { Failed } from './failed.ts';

/**
 * Port: what a repository keeps about another one, `missing`, that lacks changes. It has a *marker*
 * for each session with such a change, and one *note*, which readers look at. It also has a *tally*
 * of each repository, which shows that one was set back. Each operation is one atomic step on one
 * marker, note or tally. Operations on the same one are linearizable.
 *
 * Every write gives a marker, note or tally a revision that nothing had before and nothing will
 * have again. If the revision is the same as before, nobody has written or removed it in between.
 */
export interface Ledger {
	/** Writes the session's marker. If there is one already, it gets a new revision. */
	writeMarker(missing: RepositoryName, id: SessionId): Promise<{ readonly kind: 'written' } | Failed>;
	readMarker(missing: RepositoryName, id: SessionId): Promise<KnownMarker | Failed>;
	removeMarker(missing: RepositoryName, id: SessionId, revision: Revision): Promise<Removed | Conflict | Failed>;
	/**
	 * Any session that has a marker. `undefined`: every marker that was written before this call
	 * began is gone.
	 */
	anyMarker(missing: RepositoryName): Promise<{ readonly kind: 'known'; readonly id: SessionId | undefined } | Failed>;

	readNote(missing: RepositoryName): Promise<KnownNote | Failed>;
	/** Writes the note if it is still `over`. `undefined`: if there is still no note. */
	writeNote(
		missing: RepositoryName,
		state: Note['state'],
		over: Note | undefined,
	): Promise<{ readonly kind: 'written'; readonly note: Note } | Conflict | Failed>;
	removeNote(missing: RepositoryName, note: Note): Promise<Removed | Conflict | Failed>;

	/** The tally of any repository, this one included. `undefined`: it was never counted. */
	readTally(of: RepositoryName): Promise<{ readonly kind: 'known'; readonly tally: Tally | undefined } | Failed>;
	/** Writes the tally if it is still `over`. `undefined`: if there is still no tally. */
	writeTally(
		of: RepositoryName,
		tally: Pick<Tally, 'count' | 'atMs'>,
		over: Tally | undefined,
	): Promise<{ readonly kind: 'written' } | Conflict | Failed>;
}

/**
 * In place of a session, in a marker: the repository may lack any change of any session, because it
 * was set back to an earlier moment. `~` is not in the alphabet of ids.
 */
export const everySession = '~every-session' as SessionId;

/** Warns that a repository may lack changes. To readers, `open` and `closing` mean the same. */
export interface Note {
	/** `closing`: a repair will remove the note unless somebody opens it again first. */
	readonly state: 'open' | 'closing';
	/**
	 * The revision that the note had when it was created. It changes only if the note was gone in
	 * between.
	 */
	readonly opening: Revision;
	readonly revision: Revision;
	/** The part of the note that only a later version knows. It is written back with the note. */
	readonly unknown?: unknown;
}

/**
 * Counts up while a repository is in use. The repository itself is counted first and the copies in
 * the others after that. So if a copy is ahead, the repository was set back to an earlier moment.
 */
export interface Tally {
	readonly count: number;
	/** When it was counted, by the clock of the bus that counted. */
	readonly atMs: number;
	readonly revision: Revision;
}

/** Names one state of a marker, note or tally. */
export type Revision = string;

/**
 * How long a reader may rely on a look at the notes. The first change that misses a repository
 * waits for this long before it is acknowledged, and so does a repair before it withdraws a note.
 */
export const doubtMs = 1_000;

interface KnownMarker {
	readonly kind: 'known';
	/** `undefined`: the session has no marker. */
	readonly revision: Revision | undefined;
}

interface KnownNote {
	readonly kind: 'known';
	readonly note: Note | undefined;
}

interface Removed {
	readonly kind: 'removed';
}

/**
 * The marker or note no longer has that revision, so nothing was written or removed. A call that
 * was repeated may conflict with its own effect.
 */
interface Conflict {
	readonly kind: 'conflict';
}
