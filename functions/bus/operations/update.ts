import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { Propose, Repository } from '../../repositories/repository.ts';
import { withAttributes } from '../../session/changes.ts';
import { merge } from '../../session/merge.ts';
import type { Session } from '../../session/session.ts';
import { isWhole, stubOf } from '../../session/stub.ts';
import { versionOf } from '../../session/version.ts';
import type { BusContext } from '../context.ts';
import { selectAndLoad } from '../reading/read-session.ts';
import { unavailable } from '../receipts.ts';
import { type Answered, commit } from '../writing/commit.ts';
import { type Replicated, replicate } from '../writing/replicate.ts';

/**
 * Sets and deletes attributes: repositories first, then the feed, then the answer. A retry carries the same stamp and
 * finds its work done. `outdated`: some attribute has another change's stamp in the end, because that one is newer, or the
 * version is not the one asked for; the author stamps the change anew, or gives up.
 */
export async function update(context: BusContext, message: MessageOf<'update'>): Promise<AnswerTo<'update'>> {
	const { sessionId, changes, stamp, ifVersion } = message;
	const change = (stored: Session): Session | undefined => {
		// A stub does not know which attributes there are. Whoever has them whole decides whether the change is outdated.
		if (stored.revocation !== undefined || !isWhole(stored)) return undefined;
		const changed = withAttributes(stored, changes, stamp);
		return changed === 'outdated' ? undefined : changed;
	};
	const store = () =>
		ifVersion === undefined
			? replicate(context, sessionId, 'visible', (stored) => stored && change(stored))
			: compareAndSet(context, sessionId, (stored) =>
					isDone(stored, message) || versionOf(stored) === ifVersion ? change(stored) : undefined,
				);
	return commit(context, { sessionId, proofWanted: false, changeId: stamp }, store, (session) =>
		isDone(session, message),
	);
}

/** Whether this very change is in the record, by this try or an earlier one. */
function isDone(session: Session, { changes, stamp }: MessageOf<'update'>): boolean {
	return Object.keys(changes).every((name) => session.attributes[name]?.stamp === stamp);
}

/**
 * The first repository that answers, and has the session whole, decides whether it is as the author saw it, in one conditional
 * write; the others follow. Two buses that each reach another repository alone may both decide: then the later stamp stays.
 */
async function compareAndSet(
	context: BusContext,
	sessionId: MessageOf<'update'>['sessionId'],
	change: (stored: Session) => Session | undefined,
): Promise<Replicated | Answered> {
	const selected = await selectAndLoad(context, sessionId);
	if (selected.session === undefined) return { kind: 'answered', answer: selected.answer };
	const known = selected.session;
	const propose: Propose = (stored) => {
		// A stub could not tell the second of two authors of the first.
		if (stored !== undefined && !isWhole(stored)) return undefined;
		const current = stored === undefined ? known : merge(stored, known);
		return change(current) ?? current;
	};
	for (const repository of context.repositories) {
		const merged = await repository.merge(sessionId, propose);
		if (merged.kind === 'too-large' && !(await leave(context, repository, known))) break;
		if (merged.kind !== 'stored' || merged.session === undefined || !isWhole(merged.session)) continue;
		const decided = merged.session;
		return replicate(context, sessionId, 'visible', () => decided);
	}
	return { kind: 'answered', answer: unavailable('no repository could decide', selected) };
}

/**
 * The change makes the session too large for `repository`, so the next one is to decide. First this one must cease to: it gets
 * a stub of the session as it is, or another author could still be told by it that nobody has changed anything. `false`: that
 * is not certain.
 */
async function leave(context: BusContext, repository: Repository, known: Session): Promise<boolean> {
	const replicated = await replicate(context, known.id, 'quiet', () => known);
	if (replicated.kind === 'unavailable' || replicated.degraded) return false;
	const left = await repository.merge(known.id, () => stubOf(known), replicated.session);
	return left.kind === 'stored';
}
