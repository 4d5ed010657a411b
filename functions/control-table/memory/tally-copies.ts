import type { RepositoryName } from '../../session/repository-name.ts';
import type { TallyCopies } from '../tally-copies.ts';

/** Copies of tallies in memory. Each operation takes effect when it is called. */
export function createMemoryTallyCopies(): TallyCopies {
	const counts = new Map<RepositoryName, number>();
	return {
		read: async (of) => counts.get(of) ?? 0,
		raise: async (of, count) => {
			counts.set(of, Math.max(count, counts.get(of) ?? 0));
		},
	};
}
