import type { Count } from '../../repositories/tally.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { TallyCopies } from '../tally-copies.ts';

/** Copies of tallies in memory. Each operation takes effect when it is called. */
export function createMemoryTallyCopies(): TallyCopies {
	const copies = new Map<RepositoryName, Count>();
	return {
		read: async (of) => copies.get(of),
		raise: async (of, tally) => {
			if ((copies.get(of)?.count ?? 0) < tally.count) copies.set(of, tally);
		},
	};
}
