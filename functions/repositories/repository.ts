import type { RepositoryName } from '../session/repository-name.ts';
import type { Session, SessionId } from '../session/session.ts';
import type { Failed } from './failed.ts';
import type { Ledger } from './ledger.ts';

/**
 * Port: a place where sessions persist, one replica of the lattice. Operations on one session are linearizable: a load
 * sees every merge that was answered before it began.
 */
export interface Repository {
	readonly name: RepositoryName;

	load(id: SessionId): Promise<Loaded>;

	/**
	 * One atomic step: asks `propose` for a record, given the one that is stored, and stores the join of the two.
	 * `propose` may be called several times, since a conflicting write makes the adapter start again; it must be pure.
	 * `undefined` from it means that there is nothing to write.
	 *
	 * A repository with a limit keeps a stub, without attributes, of a join that does not fit, or where a stub is proposed, provided
	 * that `heldElsewhere`, which another repository has acknowledged, has them all. Otherwise it writes nothing: `too-large`.
	 */
	merge(id: SessionId, propose: Propose, heldElsewhere?: Session): Promise<Merged>;

	/**
	 * Moves the record aside if it is corrupt, and keeps its bytes where no session is looked for. A record that can be read, or
	 * that a later version of Leasehold wrote, stays where it is, also when it came only just before.
	 */
	quarantine(id: SessionId): Promise<Quarantined>;

	/** What other repositories lack of the changes that this one has. */
	readonly ledger: Ledger;
}

export type Propose = (stored: Session | undefined) => Session | undefined;

export type Loaded =
	/** It may be a stub, which counts only together with a whole record of another repository. */
	| { readonly kind: 'found'; readonly session: Session }
	| { readonly kind: 'absent' }
	/** Nothing is known of the session. */
	| Failed;

export type Merged =
	/** What is stored now; `undefined` when nothing was and nothing was proposed. */
	| { readonly kind: 'stored'; readonly session: Session | undefined }
	/** Nothing was written. `session` is the join, which does not fit in here: another repository must have it first. */
	| { readonly kind: 'too-large'; readonly session: Session }
	/** Whether the record was written is not known; it may be written later. */
	| Failed;

export type Quarantined =
	/** There is no record now, and `merge` can make one. */
	| { readonly kind: 'moved' }
	/** There is nothing corrupt: a record that can be read, or none. */
	| { readonly kind: 'kept' }
	| Failed;

/** Attempts at one merge against conflicting writers before it counts as failed. */
export const mergeAttemptsMax = 20;
