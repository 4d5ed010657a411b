import { doubtMs, type Ledger } from '../repositories/ledger.ts';
import type { RepositoryName } from '../session/repository-name.ts';
import type { SessionId } from '../session/session.ts';
import type { Clock } from '../system/clock.ts';

export type Withdrawal =
	/** There is no note, or whoever wrote it anew is answerable for it. */
	| { readonly kind: 'withdrawn' }
	/** Some session is still marked. */
	| { readonly kind: 'needed'; readonly marked: SessionId }
	| { readonly kind: 'retry' };

/**
 * Removes the note about `missing` when no session is marked any more. The note is `closing` before the markers are looked
 * for, and is removed only as it was then: a bus that wrote a marker too late to be found here reads the note after that, and
 * opens it again. A note that another repair left `closing` when it died is taken over.
 *
 * Between the look for markers and the removal passes as much time as a reader's look at the notes may take and count: who
 * still finds the note gone has begun to read after the last repair.
 */
export async function withdrawNote(ledger: Ledger, missing: RepositoryName, clock: Clock): Promise<Withdrawal> {
	for (let attempt = 0; attempt < attemptsMax; attempt++) {
		const read = await ledger.readNote(missing);
		if (read.kind === 'failed') return { kind: 'retry' };
		if (read.note === undefined) return { kind: 'withdrawn' };
		// While there is much to repair, buses find their note undisturbed.
		const before = await ledger.anyMarker(missing);
		if (before.kind === 'failed') return { kind: 'retry' };
		if (before.id !== undefined) return { kind: 'needed', marked: before.id };
		const closing = await ledger.writeNote(missing, 'closing', read.note);
		if (closing.kind === 'failed') return { kind: 'retry' };
		if (closing.kind === 'conflict') continue;
		const left = await ledger.anyMarker(missing);
		if (left.kind === 'failed') return { kind: 'retry' };
		if (left.id !== undefined) {
			await ledger.writeNote(missing, 'open', closing.note);
			return { kind: 'needed', marked: left.id };
		}
		await clock.delay(withdrawalMs);
		const removed = await ledger.removeNote(missing, closing.note);
		return { kind: removed.kind === 'failed' ? 'retry' : 'withdrawn' };
	}
	return { kind: 'retry' };
}

/** With a margin over `doubtMs`, since a timer may run out early by a little. */
const withdrawalMs = 1.25 * doubtMs;

/** A conflict means that a bus or another repair wrote the note just then. */
const attemptsMax = 3;
