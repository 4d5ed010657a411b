import type { Propose, Repository } from '../../repositories/repository.ts';
import { type Attempt, type Spread, spread } from '../../repositories/spread.ts';
import { DifferentSessions } from '../../session/merge.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { contradictEachOther } from '../../session/signed-part.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { doubtBy } from '../doubt/doubt.ts';
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

/**
 * Writes to every repository at once. If they turn out to hold different records, each of them gets
 * the join or a stub of it. If some fail, the write counts once their repair is queued (I2, I6). If
 * no repository has the whole join, the write does not count.
 *
 * If the bus dies at any point, it leaves a write that nobody acknowledged. A retry or a later
 * merge completes it.
 *
 * @param isProven if the stored record is not, nothing is written and no repair is queued. The
 * result is that for a session that does not exist.
 * @param isNew whether there is hardly a record of the session yet
 */
export async function replicate(
	context: BusContext,
	sessionId: SessionId,
	kind: ChangeKind,
	propose: Propose,
	{ isProven = () => true, isNew = false }: { readonly isProven?: IsProven; readonly isNew?: boolean } = {},
): Promise<Replicated> {
	const guarded: Propose = (stored) => (stored === undefined || isProven(stored) ? propose(stored) : undefined);
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
	const obstacle = await ensureRepair(context, join, kind, missing, holders);
	return obstacle === undefined ? { ...stored, degraded: true } : { kind: 'unavailable', reason: obstacle, asked };
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
 * obstacle if one of these is not certain, or if the repositories that took the write may lack an
 * earlier change.
 */
async function ensureRepair(
	context: BusContext,
	join: Session,
	kind: ChangeKind,
	missing: readonly RepositoryName[],
	holders: readonly Repository[],
): Promise<string | undefined> {
	const { id, absoluteExpiresAtMs: expiresAtMs } = join;
	const openedAtMs = context.clock.now().wallMs;
	const obstacles = await Promise.all([
		obstacleTo('the repair queue', () => context.repairs.enqueue(id, missing)),
		kind === 'visible' &&
			obstacleTo('the control table', () => context.markers.open(id, missing, { openedAtMs, expiresAtMs })),
		// Nothing that it may lack matters to a session that has ended.
		join.revocation === undefined && areInDoubt(context, id, holders),
	]);
	const [, , inDoubt] = obstacles;
	const silent = obstacles.filter((obstacle) => typeof obstacle === 'string');
	if (silent.length > 0) return `${[...missing, ...silent].join(', ')} did not answer`;
	return inDoubt === true ? 'the repository that answered is in doubt' : undefined;
}

/** Whether each of the repositories has missed a change, which only the others have. */
async function areInDoubt(context: BusContext, id: SessionId, holders: readonly Repository[]): Promise<boolean> {
	const markers = await context.looks.look(id);
	return holders.every(({ name }) => doubtBy(markers, name) === 'missed');
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
