import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { BusContext } from '../context.ts';
import { loadOutcome, type RepositoryOutcomes } from '../receipts.ts';

/** Loads the records of a session from every repository, and leaves out their attributes. */
export async function inspect(
	{ repositories }: BusContext,
	{ sessionId }: MessageOf<'inspect'>,
): Promise<AnswerTo<'inspect'>> {
	const loads = await Promise.all(
		repositories.map(async ({ name, load }) => ({ repository: name, loaded: await load(sessionId) })),
	);
	const asked: RepositoryOutcomes = loads.map(({ repository, loaded }) => loadOutcome(repository, loaded));
	const records = loads.flatMap(({ repository, loaded }) => {
		if (loaded.kind !== 'found') return [];
		const { partial: _, ...session } = loaded.session;
		return [{ repository, session: { ...session, attributes: {} } }];
	});
	return {
		kind: 'records',
		records,
		receipt: { asked, degraded: loads.some(({ loaded }) => loaded.kind === 'failed') },
	};
}
