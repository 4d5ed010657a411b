import { type Lease, standingOf } from '../../control-table/lease.ts';
import type { LeaseTable } from '../../control-table/lease-table.ts';
import type { InstanceId } from '../../session/session.ts';
import { type Instant, ranMs } from '../../system/clock.ts';
import { proofLookEveryMs, proofWaitMs } from '../../system/time-budget.ts';
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

/** Seals that are under way at once. The client of DynamoDB has 50 sockets. */
const sealsAtOnce = 50;

/**
 * Waits until every lease that is not sealed proves that its holder has synced past a change, for
 * `proofWaitMs` at most. If that was not long enough, the client asks again. A sync counts if it
 * began after `announcedAt`, by clocks that differ by up to the skew margin. Expired leases are
 * sealed, because the holder of a sealed lease must sync before it answers from memory.
 *
 * An instance that is about to acquire its lease needs no proof. It keeps no answer to a call of
 * the bus that began before, and reads the feed once more before it uses copies of a former life.
 *
 * This instance has dropped its own copy, and remembers the end, so it takes none from a client. So
 * it needs no proof from itself. While it waits, it gets no other request, so it must sync here.
 * Otherwise two instances that wait for each other would prove nothing until both leases expire.
 *
 * @param announcedAt when the change was certainly in the feed
 * @param begunAt when the change began, for `afterMs`
 */
export async function confirmEverywhere(
	instance: Pick<Instance, 'clock' | 'timing' | 'leases' | 'synchronizer'>,
	waiting: Waiting,
	announcedAt: Instant,
	begunAt: Instant,
): Promise<Confirmation> {
	const { clock, timing, synchronizer } = instance;
	const leases = countedFor(waiting, instance.leases);
	const self = synchronizer.instanceId();
	const waitsSince = clock.now();
	const isOver = () => ranMs(waitsSince, clock.now()) >= proofWaitMs;
	for (;;) {
		const syncedAfterMs = announcedAt.wallMs + timing.skewMs;
		const waitingFor = await countUnproved({ leases, clock, timing, isOver }, self, syncedAfterMs);
		const afterMs = Math.round(ranMs(begunAt, clock.now()));
		if (waitingFor === 0) return { confirmed: true, afterMs, waitingFor };
		if (isOver()) return { confirmed: false, afterMs, ...(waitingFor === undefined ? {} : { waitingFor }) };
		synchronizer.startIfDue(clock.now());
		await clock.delay(proofLookEveryMs);
	}
}

async function countUnproved(
	at: Pick<Instance, 'clock' | 'timing' | 'leases'> & { isOver(): boolean },
	self: InstanceId,
	syncedAfterMs: number,
): Promise<number | undefined> {
	const { leases, clock, timing } = at;
	try {
		const unsealed = await leases.listUnsealed();
		const open = unsealed.filter((lease) => lease.instanceId !== self && lease.syncedThroughMs <= syncedAfterMs);
		const { wallMs } = clock.now();
		const expired = open.filter((lease) => standingOf(lease, wallMs, timing) === 'expired');
		return open.length - (await sealWhileThereIsTime(leases, expired, at.isOver));
	} catch (error) {
		if (error instanceof Unreachable) return undefined;
		throw error;
	}
}

/** Seals leases of instances that are gone, and returns how many. There may be thousands. */
async function sealWhileThereIsTime(
	leases: LeaseTable,
	expired: readonly Lease[],
	isOver: () => boolean,
): Promise<number> {
	let sealed = 0;
	const left = expired.values();
	const sealOnAndOn = async () => {
		for (const { instanceId, expiresAtMs } of left) {
			if ((await leases.seal(instanceId, expiresAtMs)) === 'sealed') sealed++;
			if (isOver()) return;
		}
	};
	await Promise.all(Array.from({ length: sealsAtOnce }, sealOnAndOn));
	return sealed;
}
