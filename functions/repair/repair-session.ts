import { everySession, type Marker, type Markers, type MarkersOfSession } from '../control-table/markers.ts';
import { ensureEntry } from '../repositories/ensure-entry.ts';
import type { Loaded, Propose, Repository } from '../repositories/repository.ts';
import { spread } from '../repositories/spread.ts';
import type { SubjectIndex } from '../repositories/subject-index.ts';
import { DifferentSessions, merge } from '../session/merge.ts';
import type { RepositoryName } from '../session/repository-name.ts';
import type { Session, SessionId } from '../session/session.ts';
import { contradict, type ForgedRecord, isForged, joinIsForged } from '../session/signed-part.ts';
import { isWhole } from '../session/stub.ts';
import type { Clock } from '../system/clock.ts';
import { Unreachable } from '../system/unreachable.ts';

/** The ports of a repair. */
export interface RepairPorts {
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectIndex;
	readonly markers: Markers;
	readonly clock: Clock;
}

/** How a repair ended. If the process dies during a repair, that counts as `retry`. */
export type RepairOutcome =
	| { readonly kind: 'repaired' }
	/** A repository may still lack a change. A later attempt may succeed. */
	| { readonly kind: 'retry'; readonly reason: string }
	/** No further attempt helps. A person has to look at the records. */
	| { readonly kind: 'hopeless'; readonly reason: string };

/**
 * Gives every repository the changes of a session that it missed: the join of all records, or a
 * stub of it where the join does not fit. Repairs may run in any order and any number of times,
 * because a merge takes nothing back (I6).
 *
 * First, a corrupt record is moved aside, if another repository has all that it may have held. So
 * is a record that a session server found forged, and the join leaves it out. At
 * the end, a session that was established while the subject index was unavailable gets its entry.
 *
 * Markers are read before the records and settled after the merges, each only if its version is
 * still the same. So a change with an earlier marker is in the records that are read, and a change
 * after that opens the marker with another version.
 */
export async function repairSession(
	ports: RepairPorts,
	id: SessionId,
	forged: readonly ForgedRecord[] = [],
): Promise<RepairOutcome> {
	try {
		return await repairOnce(ports, id, forged);
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return { kind: 'retry', reason: error.message };
	}
}

/** @throws Unreachable when the control table did not answer. */
async function repairOnce(
	{ repositories, subjects, markers, clock }: RepairPorts,
	id: SessionId,
	forged: readonly ForgedRecord[],
): Promise<RepairOutcome> {
	const open = openOnes(await markers.look(id));
	const loads = withoutForged(
		await Promise.all(repositories.map(async (repository) => ({ repository, loaded: await repository.load(id) }))),
		forged,
	);
	for (const { repository, loaded } of loads)
		if (loaded.kind === 'failed' && loaded.reason !== 'corrupt')
			return { kind: 'retry', reason: `${repository.name}: ${loaded.reason}` };
	const join = joinUnlessDifferent(loads.flatMap(({ loaded }) => (loaded.kind === 'found' ? [loaded.session] : [])));
	// The next session server that meets the session tells which of them is forged.
	if (join === 'different') return { kind: 'retry', reason: 'the records contradict each other' };
	const corrupt = loads.filter(isCorrupt).map(({ repository }) => repository);
	const all = corrupt.length === 0 ? [] : openOnes(await markers.look(everySession));
	const obstacle = obstacleToQuarantine(corrupt, [...open, ...all], join);
	if (obstacle !== undefined) return { kind: 'hopeless', reason: obstacle };
	for (const { repository, read } of loads.filter(isCorrupt)) {
		// A record that was changed since may have what no other one has, such as a logout.
		const { kind } = await repository.quarantine(id, (session) => read !== undefined && isWithin(session, read));
		if (kind === 'failed')
			return { kind: 'retry', reason: `${repository.name}: the corrupt record could not be moved` };
	}
	if (join !== undefined) {
		const known = join;
		const holders = await spreadUnlessForged(repositories, id, known);
		if (holders === 'different') return { kind: 'retry', reason: 'the records contradict each other' };
		if (holders.length < repositories.length) return { kind: 'retry', reason: 'a repository took no merge' };
		if ((await ensureEntry(subjects, known, clock.now().wallMs)) === 'retry')
			return { kind: 'retry', reason: 'the subject index did not answer' };
	}
	// After a conflict, a newer change was missed, which has its own message.
	await Promise.all(open.map(({ missing, version }) => markers.settle(id, missing, version)));
	return { kind: 'repaired' };
}

function joinUnlessDifferent([first, ...others]: readonly Session[]): Session | undefined | 'different' {
	try {
		return others.reduce<Session | undefined | 'different'>((join, session) => {
			if (join === undefined || join === 'different') return join;
			return joinIsForged(join, session) ? 'different' : merge(join, session);
		}, first);
	} catch (error) {
		if (error instanceof DifferentSessions) return 'different';
		throw error;
	}
}

interface OpenMarker extends Marker {
	readonly missing: RepositoryName;
}

function openOnes(markers: MarkersOfSession): readonly OpenMarker[] {
	return [...markers].flatMap(([missing, marker]) => (marker.state === 'open' ? [{ ...marker, missing }] : []));
}

interface Load {
	readonly repository: Repository;
	readonly loaded: Loaded;
	/** Of a forged record, which counts as corrupt. */
	readonly read?: Session;
}

/**
 * Records that a session server found forged count as corrupt. If one of them can be joined with
 * all others, it stays: it says nothing else of the login, or it is a tombstone. A session server
 * that was broken into could otherwise name a genuine record, and undo a change that the others are
 * still to get.
 */
function withoutForged(loads: readonly Load[], forged: readonly ForgedRecord[]): readonly Load[] {
	const isNamed = ({ repository, loaded }: Load) =>
		loaded.kind === 'found' && isForged(forged, repository.name, loaded.session);
	const others = loads.flatMap((load) => (load.loaded.kind === 'found' && !isNamed(load) ? [load.loaded.session] : []));
	return loads.map((load) => {
		const { repository, loaded } = load;
		if (loaded.kind !== 'found' || !isNamed(load)) return load;
		const read = loaded.session;
		if (others.length > 0 && joinUnlessDifferent([read, ...others]) !== 'different') return load;
		const cause = new Error('a session server found the record forged');
		return { repository, loaded: { kind: 'failed', reason: 'corrupt', cause }, read };
	});
}

/** Whether `read` has everything that `session` has. */
function isWithin(session: Session, read: Session): boolean {
	return !contradict(session, read) && merge(read, session) === read;
}

/** The holders of the join. `different`: a forged record was written meanwhile, and stays alone. */
async function spreadUnlessForged(
	repositories: readonly Repository[],
	id: SessionId,
	join: Session,
): Promise<readonly Repository[] | 'different'> {
	const careful = repositories.map((repository): Repository => {
		const unlessForged =
			(propose: Propose): Propose =>
			(stored) => {
				const proposed = propose(stored);
				if (stored !== undefined && proposed !== undefined && joinIsForged(stored, proposed))
					throw new DifferentSessions(`the records of ${id} contradict each other`);
				return proposed;
			};
		return {
			...repository,
			merge: (of, propose, heldElsewhere) => repository.merge(of, unlessForged(propose), heldElsewhere),
		};
	});
	try {
		return (await spread(careful, id, () => join)).holders;
	} catch (error) {
		if (error instanceof DifferentSessions) return 'different';
		throw error;
	}
}

function isCorrupt({ loaded }: Load): boolean {
	return loaded.kind === 'failed' && loaded.reason === 'corrupt';
}

/**
 * Why the corrupt records must stay, if there is a reason. Moving the only record aside, or the
 * only one with an acknowledged change, would lose what a person may still be able to read (I2).
 */
function obstacleToQuarantine(
	corrupt: readonly Repository[],
	open: readonly OpenMarker[],
	readable: Session | undefined,
): string | undefined {
	if (corrupt.length === 0) return undefined;
	const names = corrupt.map(({ name }) => name).join(', ');
	if (readable === undefined || !isWhole(readable))
		return `the record in ${names} is corrupt, and no other repository has all of it`;
	const behind = open.find(({ missing }) => corrupt.some(({ name }) => name !== missing));
	return behind && `the record in ${names} is corrupt, and ${behind.missing} may lack a change that it had`;
}
