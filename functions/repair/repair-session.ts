import type { Revision } from '../repositories/ledger.ts';
import type { Loaded, Repository } from '../repositories/repository.ts';
import { spread } from '../repositories/spread.ts';
import type { SubjectIndex } from '../repositories/subject-index.ts';
import { merge } from '../session/merge.ts';
import type { RepositoryName } from '../session/repository-name.ts';
import type { Session, SessionId } from '../session/session.ts';
import { isWhole } from '../session/stub.ts';
import type { Clock } from '../system/clock.ts';
import { ensureEntry } from './ensure-entry.ts';

/** What a repair works with. */
export interface RepairPorts {
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectIndex;
	readonly clock: Clock;
}

/** How a repair ended. Dying in between is a `retry`. */
export type RepairOutcome =
	| { readonly kind: 'repaired' }
	/** Some repository may still lack something; later may be better. */
	| { readonly kind: 'retry'; readonly reason: string }
	/** No repetition helps: a person has to look at the records. */
	| { readonly kind: 'hopeless'; readonly reason: string };

/**
 * Gives every repository what it missed of a session: the join of all that they hold, or a stub of it where it does not fit. In any
 * order, any number of times, the outcome is the same, since a merge takes nothing back (I6). A corrupt record is moved aside first, if
 * another repository has all that it may have held. A session that was established while the subject index could not be reached gets
 * its entry.
 *
 * Markers are read before the records and removed after the merges, each only as it was read: a change that was marked by then
 * is in the records that are read, and one that is marked later leaves a marker of another revision.
 */
export async function repairSession(
	{ repositories, subjects, clock }: RepairPorts,
	id: SessionId,
): Promise<RepairOutcome> {
	const markers = await readMarkers(repositories, id);
	if (markers === undefined) return { kind: 'retry', reason: 'the markers could not be read' };
	const loads = await Promise.all(
		repositories.map(async (repository) => ({ repository, loaded: await repository.load(id) })),
	);
	let join: Session | undefined;
	for (const { repository, loaded } of loads) {
		if (loaded.kind === 'failed' && loaded.reason !== 'corrupt')
			return { kind: 'retry', reason: `${repository.name}: ${loaded.reason}` };
		if (loaded.kind === 'found') join = join === undefined ? loaded.session : merge(join, loaded.session);
	}
	const corrupt = loads.filter(isCorrupt).map(({ repository }) => repository);
	const unsaid = whyNotToQuarantine(corrupt, markers, join);
	if (unsaid !== undefined) return { kind: 'hopeless', reason: unsaid };
	for (const repository of corrupt) {
		const { kind } = await repository.quarantine(id);
		if (kind === 'failed')
			return { kind: 'retry', reason: `${repository.name}: the corrupt record could not be moved` };
	}
	if (join !== undefined) {
		const known = join;
		const { holders } = await spread(repositories, id, () => known);
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

interface Marker {
	readonly holder: Repository;
	readonly missing: RepositoryName;
	readonly revision: Revision;
}

/** `undefined`: not all of them could be read. */
async function readMarkers(repositories: readonly Repository[], id: SessionId): Promise<readonly Marker[] | undefined> {
	const read = await Promise.all(
		pairsOf(repositories).map(async ({ holder, missing }) => {
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

/** Each repository, with each other one that may lack what it has. */
export function pairsOf(
	repositories: readonly Repository[],
): readonly { readonly holder: Repository; readonly missing: RepositoryName }[] {
	return repositories.flatMap((holder) =>
		repositories.filter((other) => other !== holder).map(({ name }) => ({ holder, missing: name })),
	);
}

function isCorrupt({ loaded }: { readonly loaded: Loaded }): boolean {
	return loaded.kind === 'failed' && loaded.reason === 'corrupt';
}

/** Moving the only record aside, or the only one with an acknowledged change, would turn what is unreadable into what is lost (I2). */
function whyNotToQuarantine(
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
