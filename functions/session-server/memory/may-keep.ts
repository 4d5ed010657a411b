import type { AnswerOf } from '../../protocol/answers.ts';
import type { Instance } from '../instance.ts';

/**
 * Whether a session that the bus returned may enter memory. Before its first sync an instance has no
 * place in the feed from which it would learn of changes. A doubtful record is good enough for a
 * lenient service alone, and other services read the same memory.
 */
export function mayKeep(
	{ clock, synchronizer }: Pick<Instance, 'clock' | 'synchronizer'>,
	{ receipt }: AnswerOf<'found'>,
): boolean {
	return !receipt.doubtful && synchronizer.hasSynced(clock.now());
}
