import { everySession } from '../repositories/ledger.ts';
import type { Repository } from '../repositories/repository.ts';
import type { SessionId } from '../session/session.ts';
import { inBatches } from '../system/in-batches.ts';
import type { SweepTask } from './repair-message.ts';
import { type RepairPorts, repairSession } from './repair-session.ts';

export type Swept =
	/** `next`: the page that is left. `left`: sessions that need their own repair. */
	| { readonly kind: 'swept'; readonly next?: SweepTask; readonly left: readonly SessionId[] }
	| { readonly kind: 'retry'; readonly reason: string };

/**
 * Repairs one page of the sessions that another repository has, because `missing` was set back. Any
 * session may be among those that it lacks changes of.
 *
 * A session that cannot be repaired now gets its own marker, so that the note stays for it. The
 * marker of every session goes with the last page. If the repository was set back again
 * meanwhile, that marker has another revision and stays for the next sweep.
 */
export async function sweepPage(ports: RepairPorts, { missing, from }: SweepTask): Promise<Swept> {
	const holder = ports.repositories.find(({ name }) => name !== missing);
	if (holder === undefined) return { kind: 'swept', left: [] };
	const marker = await holder.ledger.readMarker(missing, everySession);
	if (marker.kind === 'failed') return unread;
	const revision = from?.revision ?? marker.revision;
	// Another sweep has ended meanwhile, or one for a later marker has begun.
	if (revision === undefined || revision !== marker.revision) return { kind: 'swept', left: [] };
	const page = await holder.list(from?.after);
	if (page.kind === 'failed') return unread;
	const left = await repairEach(ports, page.ids);
	if (!(await markEach(holder, missing, left))) return { kind: 'retry', reason: 'a marker could not be written' };
	if (page.next !== undefined) return { kind: 'swept', left, next: { missing, from: { revision, after: page.next } } };
	const removed = await holder.ledger.removeMarker(missing, everySession, revision);
	return removed.kind === 'failed' ? unread : { kind: 'swept', left };
}

const unread = { kind: 'retry', reason: 'the repository that is to be listed did not answer' } as const;

/** So that a page takes a few rounds, and does not take a hundred sockets. */
const widthMax = 20;

async function repairEach(ports: RepairPorts, ids: readonly SessionId[]): Promise<readonly SessionId[]> {
	const outcomes = await inBatches(ids, widthMax, async (id) => {
		const { kind } = await repairSession(ports, id);
		return kind === 'repaired' ? [] : [id];
	});
	return outcomes.flat();
}

async function markEach(holder: Repository, missing: SweepTask['missing'], ids: readonly SessionId[]) {
	const marked = await inBatches(ids, widthMax, (id) => holder.ledger.writeMarker(missing, id));
	return marked.every(({ kind }) => kind === 'written');
}
