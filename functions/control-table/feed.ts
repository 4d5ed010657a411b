import type { SessionId } from '../session/session.ts';

/** One change of a session that copies must see. */
export interface FeedEntry {
	/** Unique; one change may be announced under several. */
	readonly id: string;
	/** When it was announced, by the bus's wall clock. */
	readonly atMs: number;
	readonly sessionId: SessionId;
	/** Instances that read this entry renew their lease with every sync until `syncedThroughMs` proves that they did. */
	readonly proofWanted: boolean;
}

/**
 * Port: the feed in the control table. Append-only; entries are kept for `feedRetentionMs` and may be kept longer.
 * A read sees every entry whose append was answered before the read began. `Unreachable` from `append` leaves open
 * whether the entry is there; from `read`, nothing was learnt.
 */
export interface Feed {
	append(entry: FeedEntry): Promise<void>;

	/** The entries with `fromMs <= atMs <= toMs`, in any order, or `overflow` when they are more than a sync may read. */
	read(fromMs: number, toMs: number): Promise<readonly FeedEntry[] | 'overflow'>;
}

/** More than this between two syncs, and dropping every copy costs less than looking for those that changed. */
export const feedEntriesMax = 5_000;
