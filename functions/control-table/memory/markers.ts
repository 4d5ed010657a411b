import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import type { Marker, Markers } from '../markers.ts';

/** Markers in memory. Each operation takes effect when it is called. */
export interface MemoryMarkers extends Markers {
	/** Every marker that is open. */
	listOpen(): readonly { readonly id: SessionId; readonly missing: RepositoryName }[];
}

export function createMemoryMarkers(): MemoryMarkers {
	const sessions = new Map<SessionId, Map<RepositoryName, Marker>>();
	return {
		open: async (id, missing, { openedAtMs }) => {
			const markers = sessions.get(id) ?? new Map<RepositoryName, Marker>();
			sessions.set(id, markers);
			for (const name of missing) {
				const version = (markers.get(name)?.version ?? 0) + 1;
				markers.set(name, { state: 'open', version, openedAtMs });
			}
		},
		look: async (id) => new Map(sessions.get(id)),
		settle: async (id, missing, version) => {
			const marker = sessions.get(id)?.get(missing);
			if (marker?.version !== version) return 'conflict';
			sessions.get(id)?.set(missing, { ...marker, state: 'settled' });
			return 'settled';
		},
		listOpen: () =>
			[...sessions].flatMap(([id, markers]) =>
				[...markers].flatMap(([missing, { state }]) => (state === 'open' ? [{ id, missing }] : [])),
			),
	};
}
