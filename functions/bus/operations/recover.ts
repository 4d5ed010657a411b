import { type SettledStanding, sealIfExpired } from '../../control-table/seal-if-expired.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import { withOwner } from '../../session/changes.ts';
import { merge } from '../../session/merge.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { InstanceId, Ownership, Session } from '../../session/session.ts';
import { isWhole, stubOf } from '../../session/stub.ts';
import { elapsedMs } from '../../system/clock.ts';
import type { BusContext } from '../context.ts';
import { provenByToken } from '../reading/proof.ts';
import { readSession, type SessionRead } from '../reading/read-session.ts';
import { answerWith, mergeOutcome, type RepositoryOutcomes } from '../receipts.ts';
import { storeOverdue, withCarried } from '../writing/carried-activity.ts';
import { replicate } from '../writing/replicate.ts';

/**
 * A bus that was frozen for longer does not rely on what it found before, and lends the session. A
 * repository that is slow takes less.
 */
const adoptionMsMax = 1_000;

/**
 * Returns a session whose owner failed, and makes the asking instance its owner. The bus checks the
 * owner's lease itself, because the record may name another owner by now than the instance knows.
 *
 * A message with `sealedOwner` asks for the session alone, so that a client does not wait for the
 * writes. Then the bus looks at that owner's lease while it reads the session, and answers
 * `adoptable` if the session has a sealed owner.
 *
 * The session is lent as it is if its owner is alive, if the owner cannot be found sealed, or if
 * the new owner cannot be recorded. A lent session is enough to decide with (I5).
 *
 * If the same instance repeats the message, the bus finds it to be the owner and answers the same.
 */
export async function recover(context: BusContext, message: MessageOf<'recover'>): Promise<AnswerTo<'recover'>> {
	const { sessionId, demand, sealedOwner } = message;
	const [read, expected] = await Promise.all([
		readSession(context, sessionId, demand, 'whole', provenByToken(context, message)),
		sealedOwner === undefined ? undefined : standingOf(context, sealedOwner),
	]);
	if (read.kind === 'answered') return read.answer;
	const session = withCarried(context, read.session, message);
	const lend = () => answerWith(session, { ...read, nowMs: context.clock.now().wallMs });
	if (mayAdopt(context, message, read)) {
		const { instanceId } = read.session.owner;
		// A control table that has just not answered is not asked again while the client waits.
		const isKnown = instanceId === sealedOwner || expected === 'unreachable';
		const standing = isKnown && expected !== undefined ? expected : await standingOf(context, instanceId);
		const sealed = standing === 'sealed';
		// The use that came with the message comes again with the next one.
		if (sealed && sealedOwner !== undefined) return context.carry({ ...lend(), adoptable: true }, read.session);
		const adopted = sealed ? await adopt(context, message, session, read) : undefined;
		if (adopted !== undefined) return adopted;
	}
	await storeOverdue(context, read.session, session);
	return context.carry(lend(), read.session);
}

function mayAdopt(
	context: BusContext,
	{ adopter }: MessageOf<'recover'>,
	{ session, doubtful }: Extract<SessionRead, { kind: 'read' }>,
): boolean {
	// The record may name an earlier owner, and the latest one must not be replaced unseen.
	if (doubtful) return false;
	if (session.revocation !== undefined || session.owner.instanceId === adopter) return false;
	// Nobody signs the owner. Somebody with access to a store could have written the last epoch.
	return Number.isSafeInteger(session.owner.epoch + context.repositories.length);
}

/** One attempt: an owner that renews its lease is alive, and then the session is lent. */
async function standingOf(context: BusContext, owner: InstanceId): Promise<SettledStanding['kind']> {
	return (await sealIfExpired(context, owner, 1)).kind;
}

/**
 * The first repository that answers and takes the session or a stub of it decides between adopters,
 * in one conditional write. If two instances saw the same owner, the second one finds another owner
 * there (I3). The other repositories follow before the new owner acts as one (I6).
 *
 * `undefined`: the new owner could not be recorded everywhere, and the repair could not be queued.
 */
async function adopt(
	context: BusContext,
	message: MessageOf<'recover'>,
	known: Session,
	from: { readonly asked: RepositoryOutcomes; readonly chosen: RepositoryName },
): Promise<AnswerTo<'recover'> | undefined> {
	const asked = [...from.asked];
	const deciders = context.repositories.length;
	for (const [remainder, repository] of context.repositories.entries()) {
		// The bus may have been frozen since it read the session. A repository that was set back
		// meanwhile could give an epoch away a second time.
		if ((await context.setBacks.insist(repository.name)) !== 'none') continue;
		const checkedAt = context.clock.now();
		const merged = await repository.merge(message.sessionId, (stored) => {
			// A stub is enough to decide by, because it names the owner.
			const seen = stored === undefined || isWhole(stored) ? known : stubOf(known);
			const current = stored === undefined ? seen : merge(stored, seen);
			const isRecent = elapsedMs(checkedAt, context.clock.now()) <= adoptionMsMax;
			const mayTakeOver = isRecent && current.revocation === undefined && isSame(current.owner, known.owner);
			return mayTakeOver ? withOwner(current, message.adopter, { remainder, deciders }) : current;
		});
		asked.push(mergeOutcome(repository.name, merged));
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
		return context.carry(isOwner ? { ...answer, adopted: true } : answer);
	}
	return undefined;
}

function isSame(a: Ownership, b: Ownership): boolean {
	return a.epoch === b.epoch && a.instanceId === b.instanceId;
}
