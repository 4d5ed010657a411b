import type { Feed, FeedEntry } from '../../control-table/feed.ts';
import { feedOverlapMs } from '../../control-table/timing.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import type { InstanceContext } from '../context.ts';
import type { Copies } from './copies.ts';
import type { KnownEnds } from './known-ends.ts';
import { createRecentEntries, type RecentEntries } from './recent-entries.ts';

/**
 * An instance's place in the feed. It outlasts the lives of the instance, as the copies do. A read
 * drops the copies of what changed. Its sync counts once it is settled.
 */
export interface FeedReader {
	/**
	 * Drops the copies of what changed since the last settled sync. `undefined`: the table did not
	 * answer.
	 */
	read(feed: Feed, now: Instant): Promise<FeedRead | undefined>;
	/** A sync that ends after a later one changes nothing. */
	settle(begun: Sync, read: FeedRead): void;
	/** The entries that were read and are to be proved. */
	readonly recent: Pick<RecentEntries, 'mustProve' | 'proved'>;
	/** As in `Synchronizer`. */
	hasWorkedThroughALease(now: Instant): boolean;
}

/** The begin of a sync. */
export interface Sync {
	readonly at: Instant;
	readonly sequence: number;
}

/** The range of the feed that a sync has read, up to its begin. */
export interface FeedRead {
	/** `undefined`: it read nothing, or not all entries. */
	readonly fromMs: number | undefined;
}

export const notRead: FeedRead = { fromMs: undefined };

/**
 * @param missed called when entries are gone that were not read. No copy may be used until the next
 * sync.
 * @param unreachable called when the table did not answer
 */
export function createFeedReader(
	{ clock, timing, log }: Pick<InstanceContext, 'clock' | 'timing' | 'log'>,
	copies: Copies,
	ends: KnownEnds,
	missed: () => void,
	unreachable: (error: unknown, message: string) => void,
): FeedReader {
	const recent = createRecentEntries(timing);
	const pauseMs = timing.leaseDurationMs / 3;
	/** The last sync of any life. No change until then is missing in the copies. */
	let lastRead: Sync | undefined;
	/** The first of the syncs that followed each other within a third of a lease. */
	let workingSince: Instant | undefined;

	/**
	 * If a sync is so old that the feed has deleted later entries, every copy is dropped.
	 */
	function dropAfterGap(last: Sync | undefined, now: Instant): Sync | undefined {
		if (last === undefined) return undefined;
		if (elapsedMs(last.at, now) + feedOverlapMs(timing) <= timing.feedRetentionMs) return last;
		copies.dropAll();
		ends.restartAt(Number.POSITIVE_INFINITY);
		lastRead = undefined;
		missed();
		return undefined;
	}

	async function read(feed: Feed, now: Instant): Promise<FeedRead | undefined> {
		const since = dropAfterGap(lastRead, now);
		if (since === undefined) return notRead;
		try {
			const fromMs = since.at.wallMs - feedOverlapMs(timing);
			const entries = await feed.read(fromMs, now.wallMs + timing.skewMs);
			if (entries === 'overflow') {
				log('warn', 'the feed has too many entries, or one of a later version: every copy is dropped');
				copies.dropAll();
			} else applyEntries(entries);
			// A freeze may have kept the call until entries were deleted.
			dropAfterGap(since, clock.now());
			return { fromMs: entries === 'overflow' ? undefined : fromMs };
		} catch (error) {
			unreachable(error, 'the feed could not be read');
			return undefined;
		}
	}

	function applyEntries(entries: readonly FeedEntry[]): void {
		for (const entry of entries) {
			if (!recent.add(entry)) continue;
			if (entry.kind === 'end') {
				ends.add(entry.sessionId, entry.atMs);
				copies.drop(entry.sessionId);
			} else copies.dropChanged(entry.sessionId, entry.id);
		}
	}

	function settle(begun: Sync, read: FeedRead): void {
		if (lastRead !== undefined && lastRead.sequence >= begun.sequence) return;
		settleEnds(begun, read, lastRead);
		if (lastRead === undefined || elapsedMs(lastRead.at, begun.at) > pauseMs) workingSince = begun.at;
		lastRead = begun;
		recent.forgetBefore(begun.at.wallMs);
	}

	/**
	 * If the sync did not read all that came since the last one, copies may have been taken from
	 * clients meanwhile that it would have dropped.
	 */
	function settleEnds(begun: Sync, { fromMs }: FeedRead, last: Sync | undefined): void {
		const follows = fromMs !== undefined && last !== undefined && fromMs <= last.at.wallMs - feedOverlapMs(timing);
		if (follows) ends.reachBackTo(fromMs);
		else {
			if (last !== undefined) copies.dropAll();
			// Of the entries of this very millisecond, some may have come before the sync.
			ends.restartAt(fromMs ?? begun.at.wallMs + 1);
		}
		ends.forget(begun.at.wallMs - timing.carriedAgeMs - 3 * timing.skewMs);
	}

	return {
		read,
		settle,
		recent,
		hasWorkedThroughALease: (now) =>
			lastRead !== undefined &&
			workingSince !== undefined &&
			elapsedMs(lastRead.at, now) <= pauseMs &&
			elapsedMs(workingSince, now) >= timing.leaseDurationMs + timing.skewMs,
	};
}
