import { type Lease, standingOf } from '../../control-table/lease.ts';
import type { LeaseTable } from '../../control-table/lease-table.ts';
import type { InstanceId } from '../../session/session.ts';
import { type Instant, ranMs } from '../../system/clock.ts';
import { proofLookEveryMs, proofMs } from '../../system/time-budget.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { Instance } from '../instance.ts';
import { countedFor, type Waiting } from '../request.ts';

/** Whether every instance that may answer from memory has proved that it read of a change. */
export interface Confirmation {
	readonly confirmed: boolean;
	/** Milliseconds from the beginning of the change to the proof, or to the end of the wait. */
	readonly afterMs: number;
	/** The number of instances without a proof. Absent if the leases could not be read. */
	readonly waitingFor?: number;
}

/** The most seals in one round. The next round seals the rest. */
const sealsMax = 100;

/**
 * Waits until every lease that is not sealed proves that its holder has synced past a change. The
 * change must already be in the feed. A sync counts if it began after this call, by clocks that
 * differ by up to the skew margin. Expired leases are sealed, because the holder of a sealed lease
 * must sync before it answers from memory.
 *
 * This instance has dropped its own copy, so it needs no proof from itself. While it waits, it gets
 * no other request, so it must sync here. Otherwise two instances that wait for each other would
 * prove nothing until both leases expire.
 *
 * @param begunAt when the change began, for `afterMs`
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
