import type { MarkersOfSession } from '../../control-table/markers.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { Propose, Repository } from '../../repositories/repository.ts';
import { withAttributes } from '../../session/changes.ts';
import { mayHaveRival, withConditionalChange } from '../../session/conditional-changes.ts';
import { merge } from '../../session/merge.ts';
import type { Session } from '../../session/session.ts';
import { recordAttributesMax, versionPattern } from '../../session/session-schema.ts';
import { isInReach } from '../../session/stamp.ts';
import { isWhole, stubOf } from '../../session/stub.ts';
import { versionOf } from '../../session/version.ts';
import type { BusContext } from '../context.ts';
import { missedNothing } from '../doubt/doubt.ts';
import { type IsProven, provenByToken } from '../reading/proof.ts';
import { readSession } from '../reading/read-session.ts';
import { unavailable } from '../receipts.ts';
import { withCarried } from '../writing/carried-activity.ts';
import { type Answered, commit } from '../writing/commit.ts';
import { type Replicated, replicate } from '../writing/replicate.ts';

/**
 * Sets and deletes attributes, which counts as use.
 *
 * A retry carries the same stamp and finds its work done.
 *
 * `outdated`: an attribute ends up with the stamp of a newer change, or the version is not the one
 * that the author saw. The author then stamps the change anew or gives up.
 */
export async function update(context: BusContext, message: MessageOf<'update'>): Promise<AnswerTo<'update'>> {
	const { sessionId, changes, stamp, ifVersion } = message;
	const isProven = provenByToken(context, message);
	if (!isInReach(stamp, context.clock.now().wallMs)) return unavailable('the stamp is too far ahead', { asked: [] });
	const change = (stored: Session): Session | undefined => {
		// A stub does not tell which attributes there are. A repository that has them decides
		// whether the change is outdated.
		if (stored.revocation !== undefined || !isWhole(stored)) return undefined;
		const changed = withAttributes(withCarried(context, stored, message), changes, stamp);
		// No client can name so many. A record with more could not be read.
		if (changed === 'outdated' || Object.keys(changed.attributes).length > recordAttributesMax) return undefined;
		// No session has a version of another form, and a record with it could not be read.
		if (ifVersion === undefined || !versionPattern.test(ifVersion)) return changed;
		return withConditionalChange(changed, { over: ifVersion, stamp });
	};
	const store = () =>
		ifVersion === undefined
			? replicate(context, sessionId, 'visible', (stored) => stored && change(stored), { isProven })
			: compareAndSet(context, sessionId, {
					mayHaveRival: (stored) => mayHaveRival(stored, { over: ifVersion, stamp }),
					isProven,
					change: (stored) => (isDone(stored, message) || versionOf(stored) === ifVersion ? change(stored) : undefined),
					isDone: (stored) => isDone(stored, message),
				});
	return commit(context, { kind: 'attributes', sessionId, proofWanted: false, changeId: stamp }, store, (session) =>
		isDone(session, message),
	);
}

/** Whether the record has this very change, from this message or from an earlier try. */
function isDone(session: Session, { changes, stamp }: MessageOf<'update'>): boolean {
	return Object.keys(changes).every((name) => session.attributes[name]?.stamp === stamp);
}

/**
 * The first repository that answers and has the session whole decides whether it is as the author
 * saw it, in one conditional write. The others follow. If a merge fails, another bus may meanwhile
 * let another repository decide for another author, so `isOnlyDecision` checks that.
 */
async function compareAndSet(
	context: BusContext,
	sessionId: MessageOf<'update'>['sessionId'],
	step: Step,
	attempt = 1,
): Promise<Replicated | Answered> {
	const read = await readSession(context, sessionId, 'bounded', 'whole', step.isProven);
	if (read.kind === 'answered') return read;
	const known = read.session;
	let isRepeated = false;
	const propose: Propose = (stored) => {
		// A stub has no attributes, so it could not tell the second author that the first was
		// faster.
		if (stored !== undefined && !isWhole(stored)) return undefined;
		const current = stored === undefined ? known : merge(stored, known);
		isRepeated ||= step.isDone(current);
		return step.change(current) ?? current;
	};
	let passedOver = false;
	for (const repository of context.repositories) {
		const merged = await repository.merge(sessionId, propose);
		passedOver ||= merged.kind === 'failed';
		if (merged.kind === 'too-large' && !(await replaceByStub(context, repository, known))) {
			// Another author came between. The next attempt sees that change.
			if (passedOver || attempt === decideAttemptsMax) break;
			return compareAndSet(context, sessionId, step, attempt + 1);
		}
		if (merged.kind !== 'stored' || merged.session === undefined || !isWhole(merged.session)) continue;
		const decided = merged.session;
		const replicated = await replicate(context, sessionId, 'visible', () => decided);
		if (replicated.kind === 'unavailable') return replicated;
		// An earlier try had another repository decide, and this one has refused the change.
		isRepeated ||= replicated.session !== undefined && step.isDone(replicated.session) && !step.isDone(decided);
		const decision = { repository, decided, replicated, passedOver, isRepeated, before: read.markers, ...step };
		const isOnly = await isOnlyDecision(context, decision);
		if (isOnly) return replicated;
		const { asked } = replicated;
		return { kind: 'unavailable', reason: 'another repository may have decided for another author', asked };
	}
	return { kind: 'answered', answer: unavailable('no repository could decide', read) };
}

/** A change that only one of two authors may make. */
interface Step {
	readonly isProven: IsProven;
	/** `undefined`: the session is not as the author saw it. */
	readonly change: (stored: Session) => Session | undefined;
	/** Whether an earlier try has made the change. */
	readonly isDone: (stored: Session) => boolean;
	/** Whether another author may have changed the version that this one saw. */
	readonly mayHaveRival: (stored: Session) => boolean;
}

/** Each attempt fails if a change of another author comes between, so more are seldom needed. */
const decideAttemptsMax = 3;

interface Decision extends Pick<Step, 'mayHaveRival'> {
	readonly repository: Repository;
	readonly decided: Session;
	readonly replicated: Extract<Replicated, { kind: 'stored' }>;
	/** Whether a repository that is to decide first did not answer. */
	readonly passedOver: boolean;
	/** Whether an earlier try of the same author has decided. */
	readonly isRepeated: boolean;
	/** The session's markers before the decision. `undefined`: the control table did not answer. */
	readonly before: MarkersOfSession | undefined;
}

/**
 * Whether no other repository has decided for another author of the same version. `false`: nobody
 * knows. Two repositories decide only if a bus passed over the first one. Then each of the two
 * buses has written its change, or a marker, before it looks for what the other one wrote. So at
 * least one of them finds the other:
 *
 * 1. If a bus finds a rival in the join, it must be sure that the rival's repository did not decide
 *    first. If its own repository had missed the rival's change, that one has a marker, which was
 *    opened before the rival was acknowledged. A marker that was settled before the decision is
 *    about a change that the decision has seen.
 * 2. If a bus did not reach every other repository, a rival may be where it did not look. It has
 *    opened the marker of that one, and looks for the marker that the rival's bus has opened.
 * 3. A bus that passed over the first repository acknowledges only what has no rival. It looks once
 *    more, now that its marker is open or all have its change. If the session does not fit into the
 *    first repository, another bus may have left a stub of both changes there.
 * 4. If a try is repeated, its change is in the record, or comes with the join. A rival that came
 *    first is there as well. One that came later found the version changed. So without a rival the
 *    change is acknowledged. With one, nobody knows which of them was: the marker that would tell
 *    may have been settled since the first try.
 */
async function isOnlyDecision(context: BusContext, decision: Decision): Promise<boolean> {
	const { repository, decided, replicated, passedOver, isRepeated, before, mayHaveRival } = decision;
	const hasRival = mayHaveRival(replicated.met ?? decided);
	if (hasRival && (passedOver || isRepeated)) return false;
	if (hasRival || replicated.missing.some((name) => name !== repository.name)) {
		const after = await context.looks.look(decided.id);
		if (!missedNothing(before, after, repository.name)) return false;
	}
	if (!passedOver) return true;
	const loaded = await repository.load(decided.id);
	return loaded.kind === 'found' && !mayHaveRival(loaded.session);
}

/**
 * The change makes the session too large for `repository`, so the next one is to decide. Before
 * that, this one gets a stub of the session as it is. Otherwise it could still tell another author
 * that nobody has changed anything. `false`: it is not certain that it has the stub.
 */
async function replaceByStub(context: BusContext, repository: Repository, known: Session): Promise<boolean> {
	const replicated = await replicate(context, known.id, 'quiet', () => known);
	if (replicated.kind === 'unavailable' || replicated.degraded) return false;
	const merged = await repository.merge(known.id, () => stubOf(known), replicated.session);
	return merged.kind === 'stored';
}
