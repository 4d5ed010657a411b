import type { Failed } from '../../repositories/failed.ts';
import type { Repository } from '../../repositories/repository.ts';
import { type ForgedRecord, isForged } from '../../session/signed-part.ts';
import type { ReportCorrupt } from './repair-requests.ts';

/**
 * The repositories for one message, whose asker found these records forged. A load or merge that
 * meets one of them fails as if the record were corrupt, and its repair is queued. A record that
 * has changed since is not meant.
 */
export function withoutForged(
	repositories: readonly Repository[],
	forged: readonly ForgedRecord[],
	reportCorrupt: ReportCorrupt,
): readonly Repository[] {
	return repositories.map((repository) => ({
		...repository,
		load: async (id) => {
			const loaded = await repository.load(id);
			if (loaded.kind !== 'found' || !isForged(forged, repository.name, loaded.session)) return loaded;
			void reportCorrupt(repository.name, id, forged);
			return forgedFailure;
		},
		merge: async (id, propose, ...how) => {
			try {
				return await repository.merge(
					id,
					(stored) => {
						if (stored !== undefined && isForged(forged, repository.name, stored)) throw new ForgedRecordMet();
						return propose(stored);
					},
					...how,
				);
			} catch (error) {
				if (!(error instanceof ForgedRecordMet)) throw error;
				void reportCorrupt(repository.name, id, forged);
				return forgedFailure;
			}
		},
	}));
}

class ForgedRecordMet extends Error {}

const forgedFailure: Failed = Object.freeze({
	kind: 'failed',
	reason: 'corrupt',
	cause: new Error('a session server found the record forged'),
});
