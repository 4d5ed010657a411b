import { ensureEntry } from '../repositories/ensure-entry.ts';
import { everySession, type Revision } from '../repositories/ledger.ts';
import type { Loaded, Propose, Repository } from '../repositories/repository.ts';
import { spread } from '../repositories/spread.ts';
import type { SubjectIndex } from '../repositories/subject-index.ts';
import { DifferentSessions, merge } from '../session/merge.ts';
import type { RepositoryName } from '../session/repository-name.ts';
import type { Session, SessionId } from '../session/session.ts';
import { contradict, type ForgedRecord, isForged, joinIsForged } from '../session/signed-part.ts';
import { isWhole } from '../session/stub.ts';
import type { Clock } from '../system/clock.ts';

/** The ports of a repair. */
export interface RepairPorts {
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectIndex;
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
 * Markers are read before the records and removed after the merges, each only if its revision is
 * still the same. So a change with an earlier marker is in the records that are read, and a change
 * after that leaves a marker with another revision.
 */
export async function repairSession(
	{ repositories, subjects, clock }: RepairPorts,
	id: SessionId,
	forged: readonly ForgedRecord[] = [],
): Promise<RepairOutcome> {
	const markers = await readMarkers(repositories, id);
	if (markers === undefined) return { kind: 'retry', reason: 'the markers could not be read' };
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
	const all = corrupt.length === 0 ? [] : await readMarkers(corrupt, everySession, repositories);
	if (all === undefined) return { kind: 'retry', reason: 'the markers could not be read' };
	const obstacle = obstacleToQuarantine(corrupt, [...markers, ...all], join);
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
	const removed = await Promise.all(
		markers.map(({ holder, missing, revision }) => holder.ledger.removeMarker(missing, id, revision)),
	);
	if (removed.some(({ kind }) => kind === 'failed')) return { kind: 'retry', reason: 'a marker could not be removed' };
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

interface Marker {
	readonly holder: Repository;
	readonly missing: RepositoryName;
	readonly revision: Revision;
}

/** `undefined`: some of them could not be read. */
async function readMarkers(
	holders: readonly Repository[],
	id: SessionId,
	repositories = holders,
): Promise<readonly Marker[] | undefined> {
	const pairs = pairsOf(repositories).filter(({ holder }) => holders.includes(holder));
	const read = await Promise.all(
		pairs.map(async ({ holder, missing }) => {
			const marker = await holder.ledger.readMarker(missing, id);
			return { holder, missing, marker };
		}),
	);
	const markers: Marker[] = [];
	for (const { holder, missing, marker } of read) {
		if (marker.kind === 'failed') return undefined;
		if (marker.revision !== undefined) markers.push({ holder, missing, revision: marker.revision });
	}
	return markers;
}

/** Each repository with each other one that may lack changes. */
export function pairsOf(
	repositories: readonly Repository[],
): readonly { readonly holder: Repository; readonly missing: RepositoryName }[] {
	return repositories.flatMap((holder) =>
		repositories.filter((other) => other !== holder).map(({ name }) => ({ holder, missing: name })),
	);
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
	markers: readonly Marker[],
	readable: Session | undefined,
): string | undefined {
	if (corrupt.length === 0) return undefined;
	const names = corrupt.map(({ name }) => name).join(', ');
	if (readable === undefined || !isWhole(readable))
		return `the record in ${names} is corrupt, and no other repository has all of it`;
	const alone = markers.find(({ holder }) => corrupt.includes(holder));
	return alone && `the record in ${alone.holder.name} is corrupt, and ${alone.missing} lacks a change that it had`;
}
