import { doubtMs, type Ledger, type Note, type Revision } from '../../repositories/ledger.ts';
import type { Repository } from '../../repositories/repository.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { type Clock, type Instant, ranMs } from '../../system/clock.ts';

/** The writing side of `Doubts`, which explains what the notes are for. */
export interface Notes {
	/**
	 * Resolves when `holder` has a marker of the session and a note about `missing`, and every check
	 * that may have come before the note is too old to be used. `false`: the holder did not take
	 * them.
	 */
	keep(holder: Repository, missing: RepositoryName, id: SessionId): Promise<boolean>;
}

export function createNotes(clock: Clock): Notes {
	/**
	 * By holder and missing repository: a note that was there at the moment `since`. If its opening
	 * is still the same, it has been there ever since.
	 */
	const known = new Map<string, { readonly opening: Revision; readonly since: Instant }>();

	function knownSince(holder: Repository, missing: RepositoryName, { opening }: Note): Instant {
		const key = `${holder.name} ${missing}`;
		const before = known.get(key);
		if (before?.opening === opening) return before.since;
		const since = clock.now();
		known.set(key, { opening, since });
		return since;
	}

	return {
		keep: async (holder, missing, id) => {
			const marked = await holder.ledger.writeMarker(missing, id);
			if (marked.kind === 'failed') return false;
			// The note is read only now that the marker is there. A repair that withdraws the note after
			// this read sees the marker.
			const note = await openNote(holder.ledger, missing);
			if (note === undefined) return false;
			const since = knownSince(holder, missing, note);
			// By the monotonic clock, because it never runs ahead. So the wait is never too short.
			const leftMs = doubtMs - ranMs(since, clock.now());
			if (leftMs > 0) await clock.delay(leftMs);
			return true;
		},
	};
}

/**
 * After a conflict, another bus or a repair has succeeded. More conflicts than this do not come in
 * a row.
 */
const noteAttemptsMax = 6;

/** The note, which is open when this returns. */
async function openNote(ledger: Ledger, missing: RepositoryName): Promise<Note | undefined> {
	for (let attempt = 0; attempt < noteAttemptsMax; attempt++) {
		const read = await ledger.readNote(missing);
		if (read.kind === 'failed') return undefined;
		if (read.note?.state === 'open') return read.note;
		const written = await ledger.writeNote(missing, 'open', read.note);
		if (written.kind === 'failed') return undefined;
		if (written.kind === 'written') return written.note;
	}
	return undefined;
}
