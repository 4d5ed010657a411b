import { merge } from '../session/merge.ts';
import type { Session } from '../session/session.ts';
import type { Propose } from './repository.ts';

/** What a merge has to store: the join of what is stored and what is proposed, or nothing when that is stored already. */
export function joinToStore(stored: Session | undefined, propose: Propose): Session | undefined {
	const proposed = propose(stored);
	if (proposed === undefined || proposed === stored) return undefined;
	if (stored === undefined) return proposed;
	const join = merge(stored, proposed);
	return join === stored ? undefined : join;
}
