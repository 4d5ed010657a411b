import type { RepositoryName } from '../../session/repository-name.ts';
import type { TallyCopies, TallyCopy } from '../tally-copies.ts';

/** Copies of tallies in memory. Each operation takes effect when it is called. */
export function createMemoryTallyCopies(): TallyCopies {
	const copies = new Map<RepositoryName, TallyCopy>();
	return {
		read: async (of) => copies.get(of),
		raise: async (of, { count, atMs }) => {
			if (count > (copies.get(of)?.count ?? 0)) copies.set(of, { count, atMs });
		},
	};
}
