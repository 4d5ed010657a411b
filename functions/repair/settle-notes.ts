import { everySession } from '../repositories/ledger.ts';
import { pairsOf, type RepairPorts, repairSession } from './repair-session.ts';
import { withdrawNote } from './withdraw-note.ts';

/**
 * Withdraws notes that have no markers left. It also repairs some sessions that still have a
 * marker. Their own messages may have come too early or never, and then their notes would stay for
 * good.
 */
export async function settleNotes(ports: RepairPorts): Promise<'settled' | 'retry'> {
	const settled = await Promise.all(
		pairsOf(ports.repositories).map(async ({ holder, missing }) => {
			for (let taken = 0; ; taken++) {
				const withdrawal = await withdrawNote(holder.ledger, missing, ports.clock);
				if (withdrawal.kind === 'retry') return false;
				if (withdrawal.kind === 'withdrawn' || taken === takenAlongMax) return true;
				// A sweep is under way, and removes this marker.
				if (withdrawal.sessionId === everySession) return true;
				const { kind } = await repairSession(ports, withdrawal.sessionId);
				// Its own message repairs it later, or the next repair finds it.
				if (kind !== 'repaired') return true;
			}
		}),
	);
	return settled.every(Boolean) ? 'settled' : 'retry';
}

/**
 * How many sessions with markers one batch repairs beside its own. Most of them have a message that
 * is yet to come.
 */
const takenAlongMax = 2;
