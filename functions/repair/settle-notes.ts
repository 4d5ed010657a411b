import type { Repository } from '../repositories/repository.ts';
import type { Clock } from '../system/clock.ts';
import { pairsOf, repairSession } from './repair-session.ts';
import { withdrawNote } from './withdraw-note.ts';

/**
 * Withdraws the notes that nothing is left to say of. A session that is still marked is repaired on the way: its own message may
 * have come too early, or never, and would leave the note standing for good.
 */
export async function settleNotes(repositories: readonly Repository[], clock: Clock): Promise<'settled' | 'retry'> {
	const settled = await Promise.all(
		pairsOf(repositories).map(async ({ holder, missing }) => {
			for (let taken = 0; ; taken++) {
				const withdrawal = await withdrawNote(holder.ledger, missing, clock);
				if (withdrawal.kind === 'retry') return false;
				if (withdrawal.kind === 'withdrawn' || taken === takenAlongMax) return true;
				const { kind } = await repairSession(repositories, withdrawal.marked);
				// It has a message of its own, or the next repair finds it.
				if (kind !== 'repaired') return true;
			}
		}),
	);
	return settled.every(Boolean) ? 'settled' : 'retry';
}

/** Sessions that one batch repairs beside its own. Most of what is marked has a message that is still to come. */
const takenAlongMax = 2;
