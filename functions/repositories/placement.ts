import { merge } from '../session/merge.ts';
import type { Session } from '../session/session.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../session/stub.ts';
import type { Propose } from './repository.ts';

/** What a merge has to do. */
export type Placement =
	| { readonly kind: 'nothing' }
	| { readonly kind: 'write'; readonly session: Session }
	/** The join has no place here before another repository has it. */
	| { readonly kind: 'too-large'; readonly session: Session };

/**
 * Where the join of what is stored and what is proposed fits, it is written. Where it does not, or where a stub is proposed, a
 * stub is written, once another repository has every attribute of the join (I2): `heldElsewhere` is what that one has acknowledged.
 *
 * A stub stays one until it is a tombstone. A record that is merged into it may be whole and yet from before the stub, and
 * with it the stub would claim to know all attributes.
 *
 * @param fits of a repository without a limit: absent.
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
