import type { RepositoryName } from '../session/repository-name.ts';
import type { SessionId } from '../session/session.ts';
import type { Failed } from './failed.ts';

/**
 * Port: what a repository keeps about another one, `missing`, that lacks changes which this one has: a *marker* for each
 * session that was changed, and one *note*, the gate that readers look at. Each operation is one atomic step on one marker
 * or note, and operations on one of them are linearizable.
 *
 * Every write gives what it wrote a revision that nothing had before and nothing will have again: "still of this revision" means
 * that nobody has written or removed it in between.
 */
export interface Ledger {
	/** Marks the session, or marks it anew: the marker has another revision afterwards. */
	writeMarker(missing: RepositoryName, id: SessionId): Promise<{ readonly kind: 'written' } | Failed>;
	readMarker(missing: RepositoryName, id: SessionId): Promise<KnownMarker | Failed>;
	removeMarker(missing: RepositoryName, id: SessionId, revision: Revision): Promise<Removed | Conflict | Failed>;
	/** Some session that is marked. `undefined`: every marker that was written before this began has been removed since. */
	anyMarker(missing: RepositoryName): Promise<{ readonly kind: 'known'; readonly id: SessionId | undefined } | Failed>;

	readNote(missing: RepositoryName): Promise<KnownNote | Failed>;
	/** Writes on condition that the note is still `over`, or that there is still none. */
	writeNote(
		missing: RepositoryName,
		state: Note['state'],
		over: Note | undefined,
	): Promise<{ readonly kind: 'written'; readonly note: Note } | Conflict | Failed>;
	removeNote(missing: RepositoryName, note: Note): Promise<Removed | Conflict | Failed>;
}

/** Says that a repository may lack changes. For readers, `closing` is as good as `open`. */
export interface Note {
	/** `closing`: a repair is about to remove the note, unless somebody opens it again. */
	readonly state: 'open' | 'closing';
	/** The same as long as the note is there without a gap, whatever its state. */
	readonly opening: Revision;
	readonly revision: Revision;
}

export type Revision = string;

/**
 * For how long a look at the notes counts; as long, the first change that misses a repository waits, and so does the repair that
 * withdraws a note.
 */
export const doubtMs = 1_000;

interface KnownMarker {
	readonly kind: 'known';
	/** `undefined`: the session is not marked. */
	readonly revision: Revision | undefined;
}

interface KnownNote {
	readonly kind: 'known';
	readonly note: Note | undefined;
}

interface Removed {
	readonly kind: 'removed';
}

/** It is not of that revision any more: nothing was written or removed. A call that was repeated may meet its own effect so. */
interface Conflict {
	readonly kind: 'conflict';
}
