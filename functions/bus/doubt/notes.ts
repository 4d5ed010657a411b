import { doubtMs, type Ledger, type Note, type Revision } from '../../repositories/ledger.ts';
import type { Repository } from '../../repositories/repository.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { type Clock, type Instant, ranMs } from '../../system/clock.ts';

/** The writing side of doubt: see `Doubts`, for whom it notes. */
export interface Notes {
	/**
	 * Resolves when `holder` has a marker of the session and a note about `missing`, and no reader is left who may have looked
	 * before the note was there. `false`: the holder did not take them.
	 */
	keep(holder: Repository, missing: RepositoryName, id: SessionId): Promise<boolean>;
}

export function createNotes(clock: Clock): Notes {
	/** For each holder and who misses something: a note that was there at that moment, and goes on being until its opening changes. */
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
			// Only a note that is seen after the marker is there cannot be withdrawn without the marker being seen.
			const note = await openNote(holder.ledger, missing);
			if (note === undefined) return false;
			const since = knownSince(holder, missing, note);
			// The monotonic clock, since it is the one that never counts too much.
			const leftMs = doubtMs - ranMs(since, clock.now());
			if (leftMs > 0) await clock.delay(leftMs);
			return true;
		},
	};
}

/** A conflict means that another bus or a repair got through; more of them than this are not met in a row. */
const noteAttemptsMax = 6;

/** The note as it stands open after this. */
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
