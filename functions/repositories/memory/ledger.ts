import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import type { Ledger, Note, Version } from '../ledger.ts';

/** A ledger in memory. Each operation takes effect when it is called. */
export function createMemoryLedger(): Ledger {
	const markers = new Map<RepositoryName, Map<SessionId, Version>>();
	const notes = new Map<RepositoryName, Note>();
	let versions = 0;
	const freshVersion = () => String(++versions);

	return {
		writeMarker: async (missing, id) => {
			const marked = markers.get(missing) ?? new Map<SessionId, Version>();
			markers.set(missing, marked.set(id, freshVersion()));
			return { kind: 'written' };
		},
		readMarker: async (missing, id) => ({ kind: 'known', version: markers.get(missing)?.get(id) }),
		removeMarker: async (missing, id, version) => {
			if (markers.get(missing)?.get(id) !== version) return { kind: 'conflict' };
			markers.get(missing)?.delete(id);
			return { kind: 'removed' };
		},
		anyMarker: async (missing) => {
			const [id] = markers.get(missing)?.keys() ?? [];
			return { kind: 'known', id };
		},
		readNote: async (missing) => ({ kind: 'known', note: notes.get(missing) }),
		writeNote: async (missing, state, over) => {
			if (notes.get(missing)?.version !== over?.version) return { kind: 'conflict' };
			const version = freshVersion();
			const note: Note = { state, opening: over?.opening ?? version, version };
			notes.set(missing, note);
			return { kind: 'written', note };
		},
		removeNote: async (missing, note) => {
			if (notes.get(missing)?.version !== note.version) return { kind: 'conflict' };
			notes.delete(missing);
			return { kind: 'removed' };
		},
	};
}
