import { type Lease, standingOf } from '../../control-table/lease.ts';
import type { LeaseTable } from '../../control-table/lease-table.ts';
import type { Timing } from '../../control-table/timing.ts';
import type { InstanceId } from '../../session/session.ts';
import { type Instant, ranMs } from '../../system/clock.ts';
import { proofLookEveryMs, proofMs } from '../../system/time-budget.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { Instance } from '../instance.ts';
import { countedFor, type Waiting } from '../request.ts';

/** Whether every instance that may answer from memory has proved that it read of a change. */
export interface Confirmation {
	readonly confirmed: boolean;
	/** From the change to the proof, or to giving up. */
	readonly afterMs: number;
	/** Instances that have proved nothing so far; absent when the leases could not be read. */
	readonly waitingFor?: number;
}

/** Seals in one round; what is left comes in the next. */
const sealsMax = 100;

/**
 * Waits until every lease that is not sealed says that its holder has synced past the change, which is in the feed already.
 * One that has expired is sealed: its holder cannot answer from memory without syncing first.
 *
 * This instance dropped its own copy. While it waits it gets no other request, so it syncs here: of two that wait for each other
 * neither would prove anything until both can be sealed. `begunAt` is when the change began; what counts is a sync begun after
 * now, by clocks that differ by up to the skew margin.
 */
export async function confirmEverywhere(
	instance: Pick<Instance, 'clock' | 'timing' | 'leases' | 'synchronizer'>,
	waiting: Waiting,
	begunAt: Instant,
): Promise<Confirmation> {
	const { clock, timing, synchronizer } = instance;
	const leases = countedFor(waiting, instance.leases);
	const self = synchronizer.instanceId();
	const changedAt = clock.now();
	for (;;) {
		const waitingFor = await countUnproved({ leases, clock, timing }, self, changedAt.wallMs + timing.skewMs);
		const afterMs = Math.round(ranMs(begunAt, clock.now()));
		if (waitingFor === 0) return { confirmed: true, afterMs, waitingFor };
		if (ranMs(changedAt, clock.now()) > proofMs(timing))
			return { confirmed: false, afterMs, ...(waitingFor === undefined ? {} : { waitingFor }) };
		synchronizer.startIfDue(clock.now());
		await clock.delay(proofLookEveryMs);
	}
}

async function countUnproved(
	{ leases, clock, timing }: Pick<Instance, 'clock' | 'timing' | 'leases'>,
	self: InstanceId,
	syncedAfterMs: number,
): Promise<number | undefined> {
	try {
		const unsealed = await leases.listUnsealed();
		const open = unsealed.filter((lease) => lease.instanceId !== self && lease.syncedThroughMs <= syncedAfterMs);
		const { wallMs } = clock.now();
		const expired = open.filter((lease) => standingOf(lease, wallMs, timing.skewMs) === 'expired');
		const sealed = await Promise.all(expired.slice(0, sealsMax).map((lease) => seal(leases, lease)));
		return open.length - sealed.filter((isSealed) => isSealed).length;
	} catch (error) {
		if (error instanceof Unreachable) return undefined;
		throw error;
	}
}

async function seal(leases: LeaseTable, { instanceId, expiresAtMs }: Lease): Promise<boolean> {
	return (await leases.seal(instanceId, expiresAtMs)) === 'sealed';
}
