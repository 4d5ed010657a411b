import { doubtMs, type Ledger } from '../repositories/ledger.ts';
import type { RepositoryName } from '../session/repository-name.ts';
import type { SessionId } from '../session/session.ts';
import type { Clock } from '../system/clock.ts';

export type Withdrawal =
	/**
	 * There is no note and no marker, or another process has written the note again and will withdraw
	 * it.
	 */
	| { readonly kind: 'withdrawn' }
	/** A session still has a marker. */
	| { readonly kind: 'needed'; readonly sessionId: SessionId }
	| { readonly kind: 'retry' };

/**
 * Removes the note about `missing` when no session has a marker any more.
 *
 * First it sets the note to `closing`, then it looks for markers, and it removes the note only if
 * that is still unchanged. A bus that writes a marker too late to be found here reads the note
 * afterwards, and opens it again. If another repair died and left the note `closing`, this one
 * takes over.
 *
 * Between the look for markers and the removal it waits for longer than a reader's check of the
 * notes counts. So a reader that finds no note has begun to read after the last repair.
 *
 * A marker may arrive when its note was withdrawn. So it looks for markers even without a note.
 */
export async function withdrawNote(ledger: Ledger, missing: RepositoryName, clock: Clock): Promise<Withdrawal> {
	for (let attempt = 0; attempt < attemptsMax; attempt++) {
		const read = await ledger.readNote(missing);
		if (read.kind === 'failed') return { kind: 'retry' };
		// While many sessions have markers, leave the note alone, so that buses do not have to open
		// it again.
		const before = await ledger.anyMarker(missing);
		if (before.kind === 'failed') return { kind: 'retry' };
		if (before.id !== undefined) return { kind: 'needed', sessionId: before.id };
		if (read.note === undefined) return { kind: 'withdrawn' };
		const closing = await ledger.writeNote(missing, 'closing', read.note);
		if (closing.kind === 'failed') return { kind: 'retry' };
		if (closing.kind === 'conflict') continue;
		const left = await ledger.anyMarker(missing);
		if (left.kind === 'failed') return { kind: 'retry' };
		if (left.id !== undefined) {
			await ledger.writeNote(missing, 'open', closing.note);
			return { kind: 'needed', sessionId: left.id };
		}
		await clock.delay(withdrawalMs);
		const removed = await ledger.removeNote(missing, closing.note);
		return { kind: removed.kind === 'failed' ? 'retry' : 'withdrawn' };
	}
	return { kind: 'retry' };
}

/** With a margin over `doubtMs`, because a timer may fire slightly early. */
const withdrawalMs = 1.25 * doubtMs;

/** After a conflict with a bus or another repair, the withdrawal begins again. */
const attemptsMax = 3;
