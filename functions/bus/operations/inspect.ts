import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import { fingerprintOf } from '../../session/signed-part.ts';
import type { BusContext } from '../context.ts';
import { provenByToken } from '../reading/proof.ts';
import { loadOutcome, type RepositoryOutcomes } from '../receipts.ts';

/**
 * Loads the records of a session from every repository, and leaves out their attributes. A record
 * that does not accept the secret of the message is only named. If none accepts it, the answer is
 * that for no session. One is enough: a forged record may name another secret.
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
	const found = loads.flatMap(({ repository, loaded }) =>
		isHidden || loaded.kind !== 'found' ? [] : [{ repository, record: loaded.session }],
	);
	const records = found.flatMap(({ repository, record }) => {
		if (!isProven(record)) return [];
		const { partial: _, ...session } = record;
		return [{ repository, session: { ...session, attributes: {} } }];
	});
	const others = found.flatMap(({ repository, record }) =>
		isProven(record) ? [] : [{ repository, fingerprint: fingerprintOf(record) }],
	);
	return {
		kind: 'records',
		records,
		...(others.length > 0 && { others }),
		receipt: { asked, degraded: loads.some(({ loaded }) => loaded.kind === 'failed') },
	};
}
