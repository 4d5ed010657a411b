import { type Lease, standingOf } from '../leases/lease.ts';
import type { InstanceId } from '../session/session.ts';
import { elapsedMs, type Instant } from '../system/clock.ts';
import { Unreachable } from '../system/unreachable.ts';
import type { SessionServerContext } from './context.ts';

/** Whether every instance that may answer from memory has proved that it read of a change. */
export interface Confirmation {
	readonly confirmed: boolean;
	/** From the change to the proof, or to giving up. */
	readonly afterMs: number;
	/** Instances that have proved nothing so far; absent when the leases could not be read. */
	readonly waitingFor?: number;
}

/** Leases are read as often. */
const lookEveryMs = 250;
/** From the arrival of the request; leaves the function time to answer. An instance without requests says nothing until its lease has expired. */
const waitMs = 6_000;

/**
 * Waits until every lease that is not sealed says that its holder has synced past the change, which is in the feed already.
 * One that has expired is sealed: its holder cannot answer from memory without syncing first.
 *
 * `self` dropped its own copy. `begunAt` is when the change began; what counts is a sync begun after now, by clocks that differ
 * by up to the skew margin.
 */
export async function confirmEverywhere(
	context: SessionServerContext,
	self: InstanceId,
	begunAt: Instant,
	arrivedAt: Instant,
): Promise<Confirmation> {
	const { clock, timing } = context;
	const changedAt = clock.now();
	for (;;) {
		const waitingFor = await countUnproved(context, self, changedAt.wallMs + timing.skewMs);
		const afterMs = Math.round(elapsedMs(begunAt, clock.now()));
		if (waitingFor === 0) return { confirmed: true, afterMs, waitingFor };
		if (elapsedMs(arrivedAt, clock.now()) + lookEveryMs > waitMs)
			return { confirmed: false, afterMs, ...(waitingFor === undefined ? {} : { waitingFor }) };
		await clock.delay(lookEveryMs);
	}
}

async function countUnproved(
	context: SessionServerContext,
	self: InstanceId,
	syncedAfterMs: number,
): Promise<number | undefined> {
	try {
		const leases = await context.leases.listUnsealed();
		const open = leases.filter((lease) => lease.instanceId !== self && lease.syncedThroughMs <= syncedAfterMs);
		const proved = await Promise.all(open.map((lease) => sealIfExpired(context, lease)));
		return proved.filter((sealed) => !sealed).length;
	} catch (error) {
		if (error instanceof Unreachable) return undefined;
		throw error;
	}
}

async function sealIfExpired(context: SessionServerContext, lease: Lease): Promise<boolean> {
	const standing = standingOf(lease, context.clock.now().wallMs, context.timing.skewMs);
	if (standing !== 'expired') return standing === 'sealed';
	return (await context.leases.seal(lease.instanceId, lease.expiresAtMs)) === 'sealed';
}
