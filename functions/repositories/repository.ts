import type { RepositoryName } from '../session/repository-name.ts';
import type { Session, SessionId } from '../session/session.ts';
import type { Failed } from './failed.ts';
import type { TallyKeeper } from './tally.ts';

/**
 * Port: a place where sessions persist. It is one replica of the lattice. Operations on one session
 * are linearizable: a load sees every merge that was answered before the load began.
 */
export interface Repository {
	readonly name: RepositoryName;

	load(id: SessionId): Promise<Loaded>;

	/**
	 * In one atomic step, calls `propose` with the stored record and stores the join of the two.
	 *
	 * @param propose must be pure: it is called again after a conflicting write. `undefined`: there
	 * is nothing to write.
	 * @param heldElsewhere what another repository has acknowledged. A repository with a limit
	 * stores a *stub*, a record without attributes, if the join does not fit or a stub is proposed.
	 * It does so only if `heldElsewhere` has all attributes of the join. Otherwise it writes
	 * nothing: `too-large`.
	 * @param isNew whether there is hardly a record of the session yet. The repository may then write
	 * without a read before. If there is a record, that write has no effect, and the merge begins
	 * with a read.
	 */
	merge(id: SessionId, propose: Propose, heldElsewhere?: Session, isNew?: boolean): Promise<Merged>;

	/**
	 * Moves the record aside if it is corrupt, and keeps its bytes where nothing looks for
	 * sessions. The record stays if it can be read, even if it was written just before the move, or
	 * if a later version of Leasehold wrote it.
	 *
	 * @param isForged whether a record that can be read is moved aside all the same. By default none
	 * is.
	 */
	quarantine(id: SessionId, isForged?: (session: Session) => boolean): Promise<Quarantined>;

	/**
	 * Some of the ids of the sessions that are stored, tombstones included. A session that was stored
	 * before the first call, and stays, is on one of the pages.
	 *
	 * @param after `next` of the page before. Absent: the first page.
	 */
	list(after?: string): Promise<Listed>;

	readonly tally: TallyKeeper;
}

export type Propose = (stored: Session | undefined) => Session | undefined;

export type Loaded =
	/** May be a stub, which is valid only together with the whole record of another repository. */
	| { readonly kind: 'found'; readonly session: Session }
	| { readonly kind: 'absent' }
	/** Nothing is known about the session. */
	| Failed;

export type Merged =
	/** The stored record. `undefined`: nothing was stored and nothing was proposed. */
	| { readonly kind: 'stored'; readonly session: Session | undefined }
	/**
	 * Nothing was written: the join, `session`, does not fit here, and another repository must have
	 * it first.
	 */
	| { readonly kind: 'too-large'; readonly session: Session }
	/** The record may have been written, or may be written later. */
	| Failed;

export type Quarantined =
	/** There is no record any more, and `merge` can make one. */
	| { readonly kind: 'moved' }
	/** There is no corrupt record: it can be read and is not forged, or there is none. */
	| { readonly kind: 'kept' }
	| Failed;

/** One page. `next` is absent on the last one. A page may be empty. */
export type Listed =
	| { readonly kind: 'listed'; readonly ids: readonly SessionId[]; readonly next?: string | undefined }
	| Failed;

/** The most sessions on one page. The repair function repairs a page within seconds. */
export const listPageMax = 100;

/** How often a merge is tried against conflicting writers before it fails. */
export const mergeAttemptsMax = 20;
