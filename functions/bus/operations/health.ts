import type { AnswerTo } from '../../protocol/operations.ts';
import { sessionIdOf } from '../../session/ids.ts';
import type { BusContext } from '../context.ts';

/**
 * Asks every repository for a session that cannot exist: ids are random, and this one is all zeros.
 */
export async function health(context: BusContext): Promise<AnswerTo<'health'>> {
	const noSessionId = sessionIdOf(new Uint8Array(16));
	const repositories = await Promise.all(
		context.repositories.map(async (repository) => ({
			repository: repository.name,
			answers: (await repository.load(noSessionId)).kind !== 'failed',
		})),
	);
	return { kind: 'health', repositories };
}
