import type { ReadEntries } from '../../repositories/subject-index.ts';
import type { BusContext } from '../context.ts';

/**
 * Whether a live session of the subject may lack its entry, because entries were lost: they could
 * not be read, or the repository that has the index was set back. Answers must say so.
 */
export async function mayLackEntries(
	{ clock, setBacks, subjects }: BusContext,
	{ incompleteUntilMs = 0 }: Pick<ReadEntries, 'incompleteUntilMs'>,
): Promise<boolean> {
	return clock.now().wallMs < incompleteUntilMs || (await setBacks.check(subjects.name)) !== 'none';
}
