import { merge } from '../session/merge.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../session/partial.ts';
import type { Session } from '../session/session.ts';
import { joinToStore } from './join.ts';
import type { Propose } from './repository.ts';

/** What a merge has to do. */
export type Placement =
	| { readonly kind: 'nothing' }
	| { readonly kind: 'write'; readonly session: Session }
	/** The join has no place here before another repository has it. */
	| { readonly kind: 'too-large'; readonly session: Session };

/**
 * Where the join fits, it is written. Where it does not, a stub of it is, once another repository has every attribute of it
 * (I2): `heldElsewhere` is what that one has acknowledged.
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
	const join = joinToStore(stored, propose);
	if (join === undefined) return { kind: 'nothing' };
	const isStub = stored !== undefined && !isWhole(stored);
	if (fits === undefined || join.revocation !== undefined || (!isStub && fits(join)))
		return { kind: 'write', session: join };
	if (!holdsAttributesOf(heldElsewhere, join)) return { kind: 'too-large', session: join };
	const stub = isStub ? merge(stored, stubOf(join)) : stubOf(join);
	return stub === stored ? { kind: 'nothing' } : { kind: 'write', session: stub };
}
