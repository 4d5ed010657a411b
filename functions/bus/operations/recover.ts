import { sealIfExpired } from '../../control-table/seal-if-expired.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import { withOwner } from '../../session/changes.ts';
import { merge } from '../../session/merge.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { Ownership, Session } from '../../session/session.ts';
import { isWhole, stubOf } from '../../session/stub.ts';
import type { BusContext } from '../context.ts';
import { selectAndLoad } from '../reading/read-session.ts';
import { type Asked, answerWith, askedToMerge } from '../receipts.ts';
import { replicate } from '../writing/replicate.ts';

/**
 * Returns a session whose owner failed, and makes the asker its owner. The bus looks at the owner's seal itself: the asker
 * may know of another owner than the record has by now. Where that one lives, or cannot be found sealed, or where the new owner
 * cannot be recorded, the session is lent as it is: that is enough to decide with (I5).
 *
 * Repeated by the same asker, it finds the asker owner, and answers the same.
 */
export async function recover(context: BusContext, message: MessageOf<'recover'>): Promise<AnswerTo<'recover'>> {
	const selected = await selectAndLoad(context, message.sessionId, message.demand);
	if (selected.session === undefined) return selected.answer;
	const lent = answerWith(selected.session, { ...selected, nowMs: context.clock.now().wallMs });
	// Who may not know the latest owner must not replace it.
	if (selected.doubtful) return lent;
	const { owner } = selected.session;
	if (lent.kind !== 'found' || owner.instanceId === message.adopter) return lent;
	const lease = await sealIfExpired(context, owner.instanceId, 1);
	if (lease.kind !== 'sealed') return lent;
	return (await adopt(context, message, selected.session, selected)) ?? lent;
}

/**
 * The first repository that answers, and takes the session or a stub of it, decides between adopters, in one conditional write: of those who saw the same owner,
 * the second finds another one there (I3). The other repositories follow, before the owner acts as one (I6). `undefined` when
 * the new owner could not be recorded everywhere, nor its repair be queued.
 */
async function adopt(
	context: BusContext,
	message: MessageOf<'recover'>,
	known: Session,
	from: { readonly asked: Asked; readonly chosen: RepositoryName },
): Promise<AnswerTo<'recover'> | undefined> {
	const asked = [...from.asked];
	const deciders = context.repositories.length;
	for (const [remainder, repository] of context.repositories.entries()) {
		const merged = await repository.merge(message.sessionId, (stored) => {
			// A stub says who the owner is as well as any record does.
			const seen = stored === undefined || isWhole(stored) ? known : stubOf(known);
			const current = stored === undefined ? seen : merge(stored, seen);
			const mayTakeOver = current.revocation === undefined && isSame(current.owner, known.owner);
			return mayTakeOver ? withOwner(current, message.adopter, { remainder, deciders }) : current;
		});
		asked.push(askedToMerge(repository.name, merged));
		if (merged.kind !== 'stored' || merged.session === undefined) continue;
		const decided = merged.session;
		const replicated = await replicate(context, message.sessionId, 'quiet', () => decided);
		if (replicated.kind === 'unavailable') return undefined;
		const answer = answerWith(replicated.session ?? decided, {
			asked: [...asked, ...replicated.asked],
			chosen: from.chosen,
			degraded: replicated.degraded,
			nowMs: context.clock.now().wallMs,
		});
		const isOwner = answer.session.owner.instanceId === message.adopter;
		return answer.kind === 'found' && isOwner ? { ...answer, adopted: true } : answer;
	}
	return undefined;
}

function isSame(a: Ownership, b: Ownership): boolean {
	return a.epoch === b.epoch && a.instanceId === b.instanceId;
}
