import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { BusContext } from '../context.ts';
import { provenByToken } from '../reading/proof.ts';
import { loadOutcome, type RepositoryOutcomes } from '../receipts.ts';

/**
 * Loads the records of a session from every repository, and leaves out their attributes. If none
 * accepts the secret that the message names, the answer is that for no session. One is enough: a
 * forged record may name another secret.
 */
export async function inspect(context: BusContext, message: MessageOf<'inspect'>): Promise<AnswerTo<'inspect'>> {
	const { repositories } = context;
	const { sessionId } = message;
	const isProven = provenByToken(context, message);
	const loads = await Promise.all(
		repositories.map(async ({ name, load }) => ({ repository: name, loaded: await load(sessionId) })),
	);
	const isHidden = !loads.some(({ loaded }) => loaded.kind === 'found' && isProven(loaded.session));
	const asked: RepositoryOutcomes = loads.map(({ repository, loaded }) =>
		loadOutcome(repository, isHidden && loaded.kind === 'found' ? { kind: 'absent' } : loaded),
	);
	const records = loads.flatMap(({ repository, loaded }) => {
		if (isHidden || loaded.kind !== 'found') return [];
		const { partial: _, ...session } = loaded.session;
		return [{ repository, session: { ...session, attributes: {} } }];
	});
	return {
		kind: 'records',
		records,
		receipt: { asked, degraded: loads.some(({ loaded }) => loaded.kind === 'failed') },
	};
}
