import type { MarkersOfSession } from '../../control-table/markers.ts';
import type { Propose, Repository } from '../../repositories/repository.ts';
import { type Attempt, type Spread, spread } from '../../repositories/spread.ts';
import { DifferentSessions } from '../../session/merge.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { contradictEachOther } from '../../session/signed-part.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { doubtBy, missedNothing } from '../doubt/doubt.ts';
import { areProven, type IsProven } from '../reading/proof.ts';
import { differentRecords, mergeOutcome, type RepositoryOutcomes } from '../receipts.ts';

/** The result of a write to every repository. */
export type Replicated =
	/**
	 * Every repository has the write. `degraded`: some lack it, and their repair is queued.
	 */
	| {
			readonly kind: 'stored';
			/**
			 * The join of all records. `undefined`: no repository had the session and nothing was
			 * proposed.
			 */
			readonly session: Session | undefined;
			/** The join with what other writers have stored meanwhile. Some repositories may lack it. */
			readonly met: Session | undefined;
			readonly chosen: RepositoryName;
			readonly degraded: boolean;
			/** The repositories that lack the write. */
			readonly missing: readonly RepositoryName[];
			readonly asked: RepositoryOutcomes;
	  }
	/**
	 * Nothing may be acknowledged. Some repositories may have the write all the same, and a retry
	 * completes it.
	 */
	| { readonly kind: 'unavailable'; readonly reason: string; readonly asked: RepositoryOutcomes };

/**
 * - `visible`: copies and readers must see the change once it is acknowledged. So a repository that
 *   missed it must not be trusted.
 * - `quiet`: a reader that does not see the change yet decides correctly all the same. If a new
 *   session is missing, the other repositories are asked. Without its last activity, a session
 *   only seems to have been idle for longer. An owner is only a hint.
 */
export type ChangeKind = 'visible' | 'quiet';

interface Conditions {
	/**
	 * If the stored record is not proven, nothing is written and no repair is queued. The result is
	 * that for a session that does not exist.
	 */
	readonly isProven?: IsProven;
	/** Whether there is hardly a record of the session yet. */
	readonly isNew?: boolean;
	/** The session's markers at a look that was answered before the write begins. */
	readonly before?: MarkersOfSession;
}

/**
 * Writes to every repository at once. If they turn out to hold different records, each of them gets
 * the join or a stub of it. If some fail, the write counts once their repair is queued (I2, I6). If
 * no repository has the whole join, the write does not count.
 *
 * If the bus dies at any point, it leaves a write that nobody acknowledged. A retry or a later
 * merge completes it.
 */
export async function replicate(
	context: BusContext,
	sessionId: SessionId,
	kind: ChangeKind,
	propose: Propose,
	{ isProven = () => true, isNew = false, before }: Conditions = {},
): Promise<Replicated> {
	const guarded: Propose = (stored) => (stored === undefined || isProven(stored) ? propose(stored) : undefined);
	const { setBacks } = context;
	setBacks.checkAll();
	const sweepsBefore = new Map(context.repositories.map(({ name }) => [name, setBacks.sweepsSeen(name)]));
	const spreading = await spreadUnlessDifferent(context, sessionId, guarded, isProven, isNew);
	if (spreading === 'different') return { kind: 'unavailable', reason: differentRecords, asked: [] };
	const records = recordsIn(spreading);
	if (contradictEachOther(records) && records.some(isProven)) {
		context.log('error', differentRecords, { sessionId });
		return { kind: 'unavailable', reason: differentRecords, asked: [] };
	}
	const isHidden = !areProven(records, spreading.join, isProven);
	const { attempts, join, met, holders, whole } = isHidden ? withoutRecords(spreading) : spreading;
	const asked = attempts.map(({ repository, merged }) => mergeOutcome(repository.name, merged));
	const missing = context.repositories.filter((repository) => !holders.includes(repository)).map(({ name }) => name);
	const [holder] = holders;
	if (holder === undefined) return { kind: 'unavailable', reason: 'no repository could store it', asked };
	const reason = `${missing.join(', ')} did not answer`;
	if (join === undefined) {
		// A repository that did not answer may have the session.
		if (missing.length > 0) return { kind: 'unavailable', reason, asked };
		return { kind: 'stored', session: undefined, met, chosen: holder.name, degraded: false, missing, asked };
	}
	// A stub does not tell which attributes the session has or whether they are stored (I2).
	if (whole === undefined) return { kind: 'unavailable', reason: 'no repository that answered has it whole', asked };
	const stored = { kind: 'stored', session: join, met, chosen: whole.name, missing, asked } as const;
	if (missing.length === 0) return { ...stored, degraded: false };
	context.log('warn', 'a write missed a repository', { sessionId, missing });
	const [obstacle, doubt] = await Promise.all([
		ensureRepair(context, join, kind, missing),
		// Nothing that it may lack matters to a session that has ended.
		join.revocation === undefined
			? doubtAboutAll(context, kind, sessionId, holders, before, sweepsBefore)
			: ('none' as const),
	]);
	if (obstacle !== undefined) return { kind: 'unavailable', reason: obstacle, asked };
	if (doubt === 'none') return { ...stored, degraded: true };
	if (doubt === 'missed') return { kind: 'unavailable', reason: 'the repository that answered is in doubt', asked };
	return replicate(context, sessionId, kind, propose, { isProven, before: doubt });
}

function recordsIn({ attempts }: Spread): readonly Session[] {
	return attempts.flatMap(({ merged }) => (merged.kind === 'failed' || !merged.session ? [] : [merged.session]));
}

/** The same outcome as if no repository had a record of the session. */
function withoutRecords({ attempts }: Spread): Spread {
	const hidden = attempts.map(({ repository, merged }): Attempt => {
		return { repository, merged: merged.kind === 'failed' ? merged : { kind: 'stored', session: undefined } };
	});
	const holders = hidden.filter(({ merged }) => merged.kind !== 'failed').map(({ repository }) => repository);
	return { attempts: hidden, join: undefined, met: undefined, holders, whole: undefined };
}

async function spreadUnlessDifferent(
	context: BusContext,
	sessionId: SessionId,
	propose: Propose,
	isProven: IsProven,
	isNew: boolean,
) {
	try {
		return await spread(context.repositories, sessionId, propose, isProven, isNew);
	} catch (error) {
		if (!(error instanceof DifferentSessions)) throw error;
		context.log('error', differentRecords, { sessionId });
		return 'different';
	}
}

/**
 * Makes sure that the repositories get the write that they missed, and that a visible change keeps
 * them from being trusted until then. The change must be announced only after that: an instance
 * that drops its copy before the marker is open would load the old record again. Returns the
 * obstacle if one of these is not certain.
 */
async function ensureRepair(
	context: BusContext,
	join: Session,
	kind: ChangeKind,
	missing: readonly RepositoryName[],
): Promise<string | undefined> {
	const { id, absoluteExpiresAtMs: expiresAtMs } = join;
	const openedAtMs = context.clock.now().wallMs;
	const obstacles = await Promise.all([
		obstacleTo('the repair queue', () => context.repairs.enqueue(id, missing)),
		kind === 'visible' &&
			obstacleTo('the control table', () => context.markers.open(id, missing, { openedAtMs, expiresAtMs })),
	]);
	const silent = obstacles.filter((obstacle) => typeof obstacle === 'string');
	return silent.length === 0 ? undefined : `${[...missing, ...silent].join(', ')} did not answer`;
}

/**
 * Whether all repositories that took a write lacked a change that only the others have. `none`: one
 * of them lacked nothing. If nobody knows, a visible change must wait.
 *
 * A marker that is settled by now may have been open when the repository took the write, and a
 * sweep that has ended may have been under way. Then the markers of the session are returned, and
 * the write has to be made again.
 */
async function doubtAboutAll(
	{ looks, setBacks }: BusContext,
	kind: ChangeKind,
	id: SessionId,
	holders: readonly Repository[],
	before: MarkersOfSession | undefined,
	sweepsBefore: ReadonlyMap<RepositoryName, number>,
): Promise<'none' | 'missed' | MarkersOfSession> {
	const markers = await looks.insist(id);
	// If the control table does not answer, it does not tell its copy of the tally either.
	const isTold = markers !== undefined;
	const setBack = await Promise.all(holders.map(({ name }) => (isTold ? setBacks.insist(name) : setBacks.check(name))));
	if (setBack.every((doubt) => doubt === 'missed')) return 'missed';
	if (markers === undefined) return kind === 'visible' ? 'missed' : 'none';
	const unswept = holders.filter(({ name }) => setBacks.sweepsSeen(name) === sweepsBefore.get(name));
	if (before !== undefined) return unswept.some(({ name }) => missedNothing(before, markers, name)) ? 'none' : 'missed';
	if (unswept.some(({ name }) => !markers.has(name))) return 'none';
	return holders.some(({ name }) => doubtBy(markers, name) === 'none') ? markers : 'missed';
}

async function obstacleTo(service: string, call: () => Promise<void>): Promise<string | undefined> {
	try {
		await call();
		return undefined;
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return service;
	}
}
