import { type LeaseStanding, standingOf } from '../leases/lease.ts';
import type { Answer } from '../protocol/answers.ts';
import type { MessageOf } from '../protocol/messages.ts';
import type { RepositoryName } from '../repositories/repository.ts';
import { withOwner } from '../session/changes.ts';
import { merge } from '../session/merge.ts';
import type { InstanceId, Ownership, Session } from '../session/session.ts';
import { Unreachable } from '../system/unreachable.ts';
import type { BusContext } from './bus.ts';
import { selectAndLoad } from './load.ts';
import { type Asked, answerWith, askedToMerge, unavailable } from './receipts.ts';
import { replicate } from './replicate.ts';

/**
 * Returns a session whose owner failed, and makes the asker its owner. The bus looks at the owner's seal itself: the asker
 * may know of another owner than the record has by now. Where that one lives, the answer is a borrow (I5).
 *
 * Repeated by the same asker, it finds the asker owner, and answers the same.
 */
export async function recover(context: BusContext, message: MessageOf<'recover'>): Promise<Answer> {
	const selected = await selectAndLoad(context, message.sessionId);
	if (selected.session === undefined) return selected.answer;
	const borrowed = answerWith(selected.session, { ...selected, nowMs: context.clock.now().wallMs });
	const { owner } = selected.session;
	if (borrowed.kind !== 'found') return borrowed;
	if (owner.instanceId === message.adopter) return confirmOwner(context, selected.session, selected);
	const standing = await sealIfExpired(context, owner.instanceId);
	// Who cannot be found sealed is not taken over from; the session can be lent all the same.
	if (standing !== 'sealed') return borrowed;
	return adopt(context, message, selected.session, selected);
}

/** A standing that holds when this returns: an expired lease is sealed, or turns out to be renewed. */
async function sealIfExpired(
	context: BusContext,
	instanceId: InstanceId,
): Promise<Exclude<LeaseStanding, 'expired'> | 'unreachable'> {
	try {
		const lease = await context.leases.read(instanceId);
		const standing = standingOf(lease, context.clock.now().wallMs, context.timing.skewMs);
		if (standing !== 'expired' || lease === undefined) return standing === 'alive' ? 'alive' : 'sealed';
		return (await context.leases.seal(instanceId, lease.expiresAtMs)) === 'sealed' ? 'sealed' : 'alive';
	} catch (error) {
		if (error instanceof Unreachable) return 'unreachable';
		throw error;
	}
}

/**
 * The first repository that answers decides between adopters, in one conditional write: of those who saw the same owner,
 * the second finds another one there (I3). The other repositories follow.
 */
async function adopt(
	context: BusContext,
	message: MessageOf<'recover'>,
	known: Session,
	from: { readonly asked: Asked; readonly chosen: RepositoryName },
): Promise<Answer> {
	const asked = [...from.asked];
	const deciders = context.repositories.length;
	for (const [remainder, repository] of context.repositories.entries()) {
		const merged = await repository.merge(message.sessionId, (stored) => {
			const current = stored === undefined ? known : merge(stored, known);
			const mayTakeOver = current.revocation === undefined && isSame(current.owner, known.owner);
			return mayTakeOver ? withOwner(current, message.adopter, { remainder, deciders }) : current;
		});
		asked.push(askedToMerge(repository.name, merged));
		if (merged.kind === 'stored' && merged.session !== undefined)
			return confirmOwner(context, merged.session, { asked, chosen: from.chosen });
	}
	return unavailable('no repository could record the new owner', asked);
}

function isSame(a: Ownership, b: Ownership): boolean {
	return a.epoch === b.epoch && a.instanceId === b.instanceId;
}

/** Sees to it that every repository knows the owner before the owner acts as one (I3, I6). */
async function confirmOwner(
	context: BusContext,
	session: Session,
	from: { readonly asked: Asked; readonly chosen: RepositoryName },
): Promise<Answer> {
	const replicated = await replicate(context, session.id, 'quiet', () => session);
	const asked = [...from.asked, ...replicated.asked];
	if (replicated.kind === 'unavailable') return unavailable(replicated.reason, asked);
	return answerWith(replicated.session ?? session, {
		asked,
		chosen: from.chosen,
		degraded: replicated.degraded,
		nowMs: context.clock.now().wallMs,
	});
}
