import type { Demand } from '../../access/service-catalog.ts';
import type { Feed } from '../../control-table/feed.ts';
import type { LeaseTable } from '../../control-table/lease-table.ts';
import type { Timing } from '../../control-table/timing.ts';
import { instanceIdBytes, instanceIdOf } from '../../session/ids.ts';
import type { InstanceId } from '../../session/session.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import { describeError } from '../../system/log.ts';
import { controlTableTryMs } from '../../system/time-budget.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { InstanceContext } from '../context.ts';
import { countedFor, nobody, type Request, type Waiting } from '../request.ts';
import type { Copies } from './copies.ts';
import { createFeedReader, type FeedRead, notRead, type Sync } from './feed-reader.ts';
import type { KnownEnds } from './known-ends.ts';
import { createReadBack } from './read-back.ts';

/**
 * Maintains an instance's right to its memory: its lease, and its place in the feed.
 *
 * A *life* is one instance id and its lease. A seal of the lease ends the life, and with it the
 * right to the copies. The instance continues under a new id. Once it has acquired that lease, it
 * reads the feed back to its last sync, and may use the copies that nothing has changed. Every time
 * is taken before the call whose result it dates.
 */
export interface Synchronizer {
	instanceId(): InstanceId;
	/** Registers a new request, and gives it its place in the order of events on this instance. */
	arrive(): Request;
	/** The next place in that order. */
	nextSequence(): number;
	/**
	 * Whether copies may be used now. The instance must hold its lease, and its last sync must be
	 * within the staleness bound. For `strict`, that sync must have begun after the request arrived.
	 */
	mayUseMemory(request: Request, demand: Demand, now: Instant): boolean;
	/** Whether other instances see this one as alive. */
	holdsLease(now: Instant): boolean;
	/** Milliseconds since the last sync of this life. Infinite before the first. */
	sinceSyncMs(now: Instant): number;
	/**
	 * Whether this instance has synced at least once in each third of a lease, for as long as others
	 * wait for an owner. If it has not, it may have slept, and the owner of a session may have slept
	 * as well.
	 */
	hasWorkedThroughALease(now: Instant): boolean;
	/**
	 * Whether this life has acquired its lease and had its first sync. If so, a load that begins now
	 * is spoiled by whatever changes meanwhile. The answer to an earlier load must not enter memory.
	 * The first sync reads no entries, so it would not find what changed before it. A logout that is
	 * confirmed everywhere does not wait for an instance whose lease nobody sees yet.
	 */
	learnsOfChanges(): boolean;
	/** Starts a sync in the background if half of the staleness bound has passed since the last. */
	startIfDue(now: Instant): void;
	/**
	 * Waits for a sync, and returns whether copies may be used now. They may not if the control table
	 * does not answer.
	 */
	bringUpToDate(request: Request, demand: Demand): Promise<boolean>;
	/**
	 * Waits until the feed has been read back as far as a carried copy from `knownAtMs` needs, if one
	 * read that is under way can do that.
	 */
	waitForReadBack(waiting: Waiting, knownAtMs: number): Promise<void>;
}

interface Life {
	readonly instanceId: InstanceId;
	lease: HeldLease | undefined;
	/**
	 * Whether the call that acquires the lease was made. It is made once. After a second one, the
	 * instance would not know which expiry the table has.
	 */
	acquireCalled: boolean;
}

/** A sync that is under way, and the calls that requests wait for when they wait for it. */
interface Flight {
	readonly begun: Sync;
	readonly calls: Waiting;
	readonly done: Promise<boolean>;
}

/**
 * For this long after a failed sync, requests do without one instead of each waiting for the next
 * failure.
 */
const retrySyncAfterMs = 250;

export function createSynchronizer(
	context: Pick<InstanceContext, 'clock' | 'timing' | 'leases' | 'feed' | 'log' | 'randomBytes' | 'copyKeys'>,
	copies: Copies,
	ends: KnownEnds,
): Synchronizer {
	const { clock, timing, log } = context;
	const reading = createFeedReader(context, copies, ends, forgetSync, unreachable);
	const readBack = createReadBack(context, ends, copies.drop, (error) => {
		if (error instanceof Unreachable) unreachable(error, 'the feed could not be read back');
		else reportBug(error);
	});
	let sequence = 0;
	let life = newLife();
	/** The last sync of this life. */
	let lastSync: Sync | undefined;
	let flight: Flight | undefined;
	let failedAt: Instant | undefined;

	/** No copy may be used until the next sync: it would come under one that knows of no gap. */
	function forgetSync(): void {
		lastSync = undefined;
	}

	function newLife(): Life {
		return { instanceId: instanceIdOf(context.randomBytes(instanceIdBytes)), lease: undefined, acquireCalled: false };
	}

	/**
	 * Follows a sealed lease, or an acquisition without an answer. The old lease no longer matters
	 * under a new id. Nobody may join a load from before.
	 */
	function startNewLife(): void {
		copies.spoilLoads();
		lastSync = undefined;
		life = newLife();
	}

	function start(): Flight {
		const begun = { at: clock.now(), sequence: ++sequence };
		const calls = nobody();
		const done = round(begun, countedFor(calls, context.feed), countedFor(calls, context.leases));
		const land = () => {
			if (flight?.begun === begun) flight = undefined;
		};
		void done.then(land, land);
		flight = { begun, calls, done };
		return flight;
	}

	async function round(begun: Sync, feed: Feed, leases: LeaseTable): Promise<boolean> {
		const before = life;
		const isHeld = before.lease !== undefined;
		const [read, kept] = await Promise.all([
			isHeld ? reading.read(feed, begun.at) : notRead,
			keepLease(leases, begun.at),
		]);
		const counts = isHeld && life === before;
		const synced = read === undefined || !kept ? undefined : counts ? { begun, read } : await readAgain(feed);
		failedAt = synced === undefined ? failureOf(begun.at, clock.now()) : undefined;
		if (synced === undefined) return false;
		settle(synced.begun, synced.read);
		if (context.copyKeys !== undefined) readBack.begin(synced.begun.at);
		return proveEntries(leases, synced.begun.at);
	}

	/**
	 * Reads the feed once more, for a new life. While this instance had no lease, a logout could be
	 * confirmed everywhere without it. Such a logout is in the feed before the lease is acquired, so
	 * only a read that begins after that is certain to find it.
	 */
	async function readAgain(feed: Feed): Promise<{ readonly begun: Sync; readonly read: FeedRead } | undefined> {
		const current = life;
		if (current.lease === undefined) return undefined;
		const begun = { at: clock.now(), sequence: ++sequence };
		const read = await reading.read(feed, begun.at);
		return read !== undefined && life === current ? { begun, read } : undefined;
	}

	async function keepLease(leases: LeaseTable, now: Instant): Promise<boolean> {
		if (life.lease === undefined && life.acquireCalled) startNewLife();
		const current = life;
		try {
			if (current.lease === undefined) return await acquire(leases, now);
			if (!renewalDue(current.lease, now, timing)) return true;
			return await renew(leases, current, now, lastSync?.at.wallMs ?? 0);
		} catch (error) {
			unreachable(error, 'the lease could not be kept');
			// A lease whose acquisition was not answered may appear later, with an expiry that this
			// instance does not know.
			if (life === current && current.lease === undefined) startNewLife();
			return false;
		}
	}

	async function acquire(leases: LeaseTable, now: Instant): Promise<boolean> {
		const acquiring = life;
		acquiring.acquireCalled = true;
		const expiresAtMs = now.wallMs + timing.leaseDurationMs;
		await leases.acquire(acquiring.instanceId, expiresAtMs);
		acquiring.lease = { expiresAtMs, since: now };
		return true;
	}

	async function renew(leases: LeaseTable, renewing: Life, now: Instant, syncedThroughMs: number): Promise<boolean> {
		const expiresAtMs = now.wallMs + timing.leaseDurationMs;
		const outcome = await leases.renew(renewing.instanceId, expiresAtMs, syncedThroughMs);
		if (outcome === 'lost') {
			if (life !== renewing) return false;
			log('warn', 'the lease was sealed: the feed is read again before copies are used', {
				instanceId: renewing.instanceId,
			});
			startNewLife();
			return acquire(leases, now);
		}
		// The table may have a later expiry, but not an earlier one. If a later renewal was answered
		// first, this answer is old.
		if (renewing.lease === undefined || renewing.lease.since.monotonicMs <= now.monotonicMs)
			renewing.lease = { expiresAtMs, since: now };
		return true;
	}

	/** A sync that ends after a later one does not replace it as the last. */
	function settle(begun: Sync, read: FeedRead): void {
		if (lastSync === undefined || lastSync.sequence < begun.sequence) lastSync = begun;
		reading.settle(begun, read);
	}

	/** Proves in the lease that the entries with `proofWanted` have been read. */
	async function proveEntries(leases: LeaseTable, now: Instant): Promise<boolean> {
		const current = life;
		if (!reading.recent.mustProve() || current.lease === undefined) return true;
		try {
			const kept = await renew(leases, current, now, now.wallMs);
			reading.recent.proved(now.wallMs);
			return kept;
		} catch (error) {
			unreachable(error, 'the sync could not be proved');
			return true;
		}
	}

	function unreachable(error: unknown, message: string): false {
		if (!(error instanceof Unreachable)) throw error;
		log('warn', message, { service: error.service });
		return false;
	}

	function mayUseMemory(request: Request, demand: Demand, now: Instant): boolean {
		if (lastSync === undefined || life.lease === undefined || !holds(life.lease, now, timing)) return false;
		return demand === 'strict'
			? lastSync.sequence > request.sequence && elapsedMs(lastSync.at, now) <= timing.maxStalenessMs
			: elapsedMs(lastSync.at, now) <= timing.maxStalenessMs;
	}

	/**
	 * Whether the sync that is under way is in the first try of its calls. A later one was probably
	 * frozen: its try is lost, and a new sync is answered sooner than the next try.
	 */
	function isPrompt({ begun }: Flight, now: Instant): boolean {
		return elapsedMs(begun.at, now) < Math.min(controlTableTryMs, timing.maxStalenessMs);
	}

	function joinable(request: Request, demand: Demand): boolean {
		if (flight === undefined) return false;
		if (demand === 'strict' && flight.begun.sequence <= request.sequence) return false;
		return isPrompt(flight, clock.now());
	}

	async function bringUpToDate(request: Request, demand: Demand): Promise<boolean> {
		if (failedAt !== undefined && elapsedMs(failedAt, clock.now()) < retrySyncAfterMs) return false;
		const { calls, done } = flight !== undefined && joinable(request, demand) ? flight : start();
		const synced = await done;
		request.remoteCalls += calls.remoteCalls;
		return synced && mayUseMemory(request, demand, clock.now());
	}

	function sinceSyncMs(now: Instant): number {
		return lastSync === undefined ? Number.POSITIVE_INFINITY : elapsedMs(lastSync.at, now);
	}

	function reportBug(error: unknown): void {
		log('error', 'a sync failed', describeError(error));
	}

	return {
		instanceId: () => life.instanceId,
		arrive: () => ({ arrivedAt: clock.now(), sequence: ++sequence, remoteCalls: 0 }),
		nextSequence: () => ++sequence,
		mayUseMemory,
		holdsLease: (now) => life.lease !== undefined && holds(life.lease, now, timing),
		sinceSyncMs,
		hasWorkedThroughALease: reading.hasWorkedThroughALease,
		learnsOfChanges: () => life.lease !== undefined && lastSync !== undefined,
		startIfDue: (now) => {
			const due = lastSync === undefined || elapsedMs(lastSync.at, now) >= timing.maxStalenessMs / 2;
			const underWay = flight !== undefined && isPrompt(flight, now);
			const failedJustNow = failedAt !== undefined && elapsedMs(failedAt, now) < retrySyncAfterMs;
			if (due && !underWay && !failedJustNow) start().done.catch(reportBug);
		},
		bringUpToDate,
		waitForReadBack: readBack.wait,
	};
}

/** A sync that took longer was frozen. */
const roundMsMax = 4 * controlTableTryMs;

/**
 * The moment from which a failed sync counts. After a freeze, the control table may be well again.
 */
function failureOf(begunAt: Instant, now: Instant): Instant {
	return elapsedMs(begunAt, now) > roundMsMax ? begunAt : now;
}

/** A lease as its holder knows it. */
interface HeldLease {
	readonly expiresAtMs: number;
	/** The moment before the call that acquired the lease or last renewed it. */
	readonly since: Instant;
}

/**
 * Whether the holder may act on its lease (I4). The lease must hold by both clocks: someone may
 * have set the wall clock back, and the monotonic clock may have stood still during a freeze.
 */
export function holds(lease: HeldLease, now: Instant, timing: Timing): boolean {
	return now.wallMs < lease.expiresAtMs && elapsedMs(lease.since, now) < timing.leaseDurationMs;
}

/** A renewal after a third of the lease leaves two thirds of it for further attempts. */
export function renewalDue(lease: HeldLease, now: Instant, timing: Timing): boolean {
	return elapsedMs(lease.since, now) >= timing.leaseDurationMs / 3;
}
