import type { SessionId } from '../session/session.ts';

/** Announces that a session changed, so that instances drop their copies of it. */
export interface FeedEntry {
	/** Unique. One change may be announced by several entries. */
	readonly id: string;
	/** When the change was announced, by the bus's wall clock. */
	readonly atMs: number;
	readonly sessionId: SessionId;
	readonly kind: EntryKind;
	/**
	 * Instances that read this entry renew their lease with each sync until their `syncedThroughMs`
	 * proves that they read it.
	 */
	readonly proofWanted: boolean;
}

/**
 * The kind of a change. Readers treat an entry of another kind like an overflow, so a later version
 * may add kinds.
 *
 * - `end`: the session is over for good.
 * - `attributes`: the attributes have changed, and nothing else. A decision needs none, so this
 *   says nothing against a copy without attributes.
 */
export type EntryKind = 'end' | 'attributes';

/**
 * Port: the feed in the control table. It is append-only. Entries stay for at least
 * `feedRetentionMs`.
 *
 * A read sees every entry whose append was answered before the read began. If `append` throws
 * `Unreachable`, the entry may be in the feed, now or later.
 */
export interface Feed {
	append(entry: FeedEntry): Promise<void>;

	/**
	 * The entries with `fromMs <= atMs <= toMs`, in any order. `overflow`: there are more than
	 * `feedEntriesMax`, or one that does not tell this version what changed, and in which session.
	 */
	read(fromMs: number, toMs: number): Promise<readonly FeedEntry[] | 'overflow'>;
}

/**
 * How many entries one read returns. If more changed since the last sync, dropping every copy costs
 * an instance less than reading all entries.
 */
export const feedEntriesMax = 10_000;
