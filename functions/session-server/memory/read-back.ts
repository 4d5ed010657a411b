import { type Feed, feedEntriesMax } from '../../control-table/feed.ts';
import { feedOverlapMs, type Timing } from '../../control-table/timing.ts';
import type { SessionId } from '../../session/session.ts';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import { controlTableTryMs } from '../../system/time-budget.ts';
import { countedFor, nobody, type Waiting } from '../request.ts';
import type { KnownEnds } from './known-ends.ts';

/**
 * Reads the feed back, from the newest entries to those that are older than any carried copy. A
 * sync reads only what is new, so an instance that has just begun, or missed something, would not
 * know the ends before that.
 */
export interface ReadBack {
	/** Begins to read one step further back, if that is of use and no such read is under way. */
	begin(lastReadAt: Instant): void;
	/**
	 * Waits until the read that is under way has ended, if that can tell about a copy from
	 * `knownAtMs`. Does not wait for a read that is later than the first try of its calls: it was
	 * probably frozen, and the bus answers sooner.
	 */
	wait(waiting: Waiting, knownAtMs: number): Promise<void>;
}

interface Flight {
	readonly begunAt: Instant;
	readonly fromMs: number;
	readonly calls: Waiting;
	readonly done: Promise<void>;
}

/** The part of the age of carried copies that the first step reads. By default, a minute. */
const firstPart = 1 / 15;
/** A step with fewer entries is cheap, so the next one is twice as long. */
const cheapEntries = feedEntriesMax / 4;
/** If so short a time has too many entries, the instance does without older copies. */
const stepMinMs = 500;

export function createReadBack(
	context: { readonly clock: Clock; readonly timing: Timing; readonly feed: Feed },
	ends: KnownEnds,
	found: (sessionId: SessionId) => void,
	unreachable: (error: unknown) => void,
): ReadBack {
	const { clock, timing } = context;
	const { carriedAgeMs, skewMs } = timing;
	const firstStepMs = carriedAgeMs * firstPart;
	let stepMs = firstStepMs;
	let restarts = ends.restarts();
	let flight: Flight | undefined;

	/**
	 * Reads one step further. It joins the reads of the syncs meanwhile, in each of two cases:
	 *
	 * - It reads to now. Each entry that it does not find is appended later, and the next sync finds
	 *   that, because it reaches back by the overlap.
	 * - It reads to the horizon, which is older than the last sync by the overlap. Each entry from
	 *   before that was appended before the read began.
	 */
	async function readStep(feed: Feed, fromMs: number, toMs: number): Promise<void> {
		const begunAfter = restarts;
		const entries = await feed.read(fromMs, toMs);
		if (entries === 'overflow') {
			stepMs /= 2;
			return;
		}
		for (const { kind, sessionId, atMs } of entries)
			if (kind === 'end') {
				ends.add(sessionId, atMs);
				found(sessionId);
			}
		if (ends.restarts() !== begunAfter) return;
		ends.reachBackTo(fromMs);
		if (entries.length < cheapEntries) stepMs *= 2;
	}

	return {
		begin: (lastReadAt) => {
			if (ends.restarts() !== restarts) stepMs = firstStepMs;
			restarts = ends.restarts();
			const now = clock.now();
			const horizonMs = ends.horizonMs();
			const oldestMs = now.wallMs - carriedAgeMs - 2 * skewMs;
			if (flight !== undefined || horizonMs <= oldestMs || !ends.canReachFurther() || stepMs < stepMinMs) return;
			const isRecent = horizonMs > lastReadAt.wallMs - feedOverlapMs(timing);
			const [beginMs, toMs] = isRecent ? [now.wallMs, now.wallMs + skewMs] : [horizonMs, horizonMs];
			const fromMs = Math.max(beginMs - stepMs, oldestMs);
			const calls = nobody();
			const done = readStep(countedFor(calls, context.feed), fromMs, toMs)
				.catch(unreachable)
				.finally(() => {
					flight = undefined;
				});
			flight = { begunAt: now, fromMs, calls, done };
		},
		wait: async (waiting, knownAtMs) => {
			const reachedMs = knownAtMs - 2 * skewMs;
			if (flight === undefined || ends.horizonMs() <= reachedMs || flight.fromMs > reachedMs) return;
			const { begunAt, calls, done } = flight;
			if (elapsedMs(begunAt, clock.now()) >= controlTableTryMs) return;
			await done;
			waiting.remoteCalls += calls.remoteCalls;
		},
	};
}
