import { merge } from '../session/merge.ts';
import type { Session } from '../session/session.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../session/stub.ts';
import type { Propose } from './repository.ts';

/** The write that a merge has to make. */
export type Placement =
	| { readonly kind: 'nothing' }
	| { readonly kind: 'write'; readonly session: Session }
	/** The join does not fit here, and another repository must have it first. */
	| { readonly kind: 'too-large'; readonly session: Session };

/**
 * Decides what a merge writes:
 * - the join of what is stored and what is proposed, if it fits,
 * - a stub, if the join does not fit or a stub is proposed or stored. Another repository must have
 *   every attribute of the join first (I2).
 *
 * A stub stays a stub until the session is revoked. A record that is merged into it may be whole
 * and yet older than the stub, so the result could not claim to have all attributes.
 *
 * @param fits whether a session fits into the repository. `undefined`: the repository has no limit.
 * @param heldElsewhere what another repository has acknowledged.
 */
export function place(
	stored: Session | undefined,
	propose: Propose,
	fits: ((session: Session) => boolean) | undefined,
	heldElsewhere: Session | undefined,
): Placement {
	const proposed = propose(stored);
	if (proposed === undefined || proposed === stored) return { kind: 'nothing' };
	const join = stored === undefined ? proposed : merge(stored, proposed);
	if (fits === undefined || join.revocation !== undefined) return writing(join, stored);
	const isStub = stored !== undefined && !isWhole(stored);
	if (!isStub && isWhole(proposed) && fits(join)) return writing(join, stored);
	if (!holdsAttributesOf(heldElsewhere, join)) return { kind: 'too-large', session: join };
	return writing(isStub ? merge(stored, stubOf(join)) : stubOf(join), stored);
}

function writing(session: Session, stored: Session | undefined): Placement {
	return session === stored ? { kind: 'nothing' } : { kind: 'write', session };
}
