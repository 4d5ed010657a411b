import { everySession, type Markers } from '../control-table/markers.ts';
import type { SessionId } from '../session/session.ts';
import type { Clock } from '../system/clock.ts';
import { inBatches } from '../system/in-batches.ts';
import { Unreachable } from '../system/unreachable.ts';
import type { SweepTask } from './repair-message.ts';
import { type RepairPorts, repairSession } from './repair-session.ts';

export type Swept =
	/** `next`: the page that is left. */
	{ readonly kind: 'swept'; readonly next?: SweepTask } | { readonly kind: 'retry'; readonly reason: string };

/** @throws Unreachable when the queue did not answer. */
export type QueueRepair = (id: SessionId, missing: SweepTask['missing']) => Promise<void>;

/**
 * Repairs one page of the sessions that another repository has, because `missing` was set back. Any
 * session may be among those that it lacks changes of.
 *
 * A session that cannot be repaired now gets its own marker, so that the doubt stays for it, and
 * its own repair. Only then the marker of every session is settled, with the last page. If the
 * repository was set back again meanwhile, that marker has another version and stays open for the
 * next sweep.
 */
export async function sweepPage(ports: RepairPorts, task: SweepTask, queueRepair: QueueRepair): Promise<Swept> {
	try {
		return await sweepOnce(ports, task, queueRepair);
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return { kind: 'retry', reason: error.message };
	}
}

/** @throws Unreachable when the control table or the queue did not answer. */
async function sweepOnce(ports: RepairPorts, { missing, from }: SweepTask, queueRepair: QueueRepair): Promise<Swept> {
	const { repositories, markers, clock } = ports;
	const holder = repositories.find(({ name }) => name !== missing);
	if (holder === undefined) return { kind: 'swept' };
	const marker = (await markers.look(everySession)).get(missing);
	const version = marker?.state === 'open' ? marker.version : undefined;
	// Another sweep has ended meanwhile, or one for a later opening has begun.
	if (version === undefined || (from !== undefined && from.revision !== String(version))) return { kind: 'swept' };
	const page = await holder.list(from?.after);
	if (page.kind === 'failed') return { kind: 'retry', reason: `${holder.name} could not be listed` };
	const left = await repairEach(ports, page.ids);
	await markEach(markers, clock, missing, left);
	for (const id of left) await queueRepair(id, missing);
	if (page.next !== undefined)
		return { kind: 'swept', next: { missing, from: { revision: String(version), after: page.next } } };
	await markers.settle(everySession, missing, version);
	return { kind: 'swept' };
}

/** So that a page takes a few rounds, and does not take a hundred sockets. */
const widthMax = 20;

async function repairEach(ports: RepairPorts, ids: readonly SessionId[]): Promise<readonly SessionId[]> {
	const outcomes = await inBatches(ids, widthMax, async (id) => {
		const { kind } = await repairSession(ports, id);
		return kind === 'repaired' ? [] : [id];
	});
	return outcomes.flat();
}

/** The records could not be read, so nobody knows when these sessions expire. */
async function markEach(markers: Markers, clock: Clock, missing: SweepTask['missing'], ids: readonly SessionId[]) {
	const at = { openedAtMs: clock.now().wallMs, expiresAtMs: undefined };
	await inBatches(ids, widthMax, (id) => markers.open(id, [missing], at));
}
