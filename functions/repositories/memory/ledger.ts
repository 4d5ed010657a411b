import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import type { Ledger, Note, Revision, Tally } from '../ledger.ts';

/** A ledger in memory. Each operation takes effect when it is called. */
export interface MemoryLedger extends Ledger {
	/** Returns a function that sets the ledger back to how it is now. */
	backUp(): () => void;
}

export function createMemoryLedger(): MemoryLedger {
	const markers = new Map<RepositoryName, Map<SessionId, Revision>>();
	const notes = new Map<RepositoryName, Note>();
	const tallies = new Map<RepositoryName, Tally>();
	let revisions = 0;
	const freshRevision = () => String(++revisions);

	return {
		writeMarker: async (missing, id) => {
			const marked = markers.get(missing) ?? new Map<SessionId, Revision>();
			markers.set(missing, marked.set(id, freshRevision()));
			return { kind: 'written' };
		},
		readMarker: async (missing, id) => ({ kind: 'known', revision: markers.get(missing)?.get(id) }),
		removeMarker: async (missing, id, revision) => {
			if (markers.get(missing)?.get(id) !== revision) return { kind: 'conflict' };
			markers.get(missing)?.delete(id);
			return { kind: 'removed' };
		},
		anyMarker: async (missing) => {
			const [id] = markers.get(missing)?.keys() ?? [];
			return { kind: 'known', id };
		},
		readNote: async (missing) => ({ kind: 'known', note: notes.get(missing) }),
		writeNote: async (missing, state, over) => {
			if (notes.get(missing)?.revision !== over?.revision) return { kind: 'conflict' };
			const revision = freshRevision();
			const note: Note = { state, opening: over?.opening ?? revision, revision };
			notes.set(missing, note);
			return { kind: 'written', note };
		},
		removeNote: async (missing, note) => {
			if (notes.get(missing)?.revision !== note.revision) return { kind: 'conflict' };
			notes.delete(missing);
			return { kind: 'removed' };
		},
		readTally: async (of) => ({ kind: 'known', tally: tallies.get(of) }),
		writeTally: async (of, { count, atMs }, over) => {
			if (tallies.get(of)?.revision !== over?.revision) return { kind: 'conflict' };
			tallies.set(of, { count, atMs, revision: freshRevision() });
			return { kind: 'written' };
		},
		backUp: () => {
			const before = {
				markers: new Map([...markers].map(([name, ids]) => [name, new Map(ids)])),
				notes: new Map(notes),
				tallies: new Map(tallies),
			};
			return () => {
				restore(markers, before.markers);
				restore(notes, before.notes);
				restore(tallies, before.tallies);
			};
		},
	};
}

/** Makes `map` equal to `before`. */
export function restore<Key, Value>(map: Map<Key, Value>, before: ReadonlyMap<Key, Value>): void {
	map.clear();
	for (const [key, value] of before) map.set(key, value);
}
