import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FeedEntry } from '../feed.ts';

/** The table that has the feed, and how long entries stay in it. */
export interface FeedTable {
	readonly client: DynamoDBClient;
	readonly tableName: string;
	readonly retentionMs: number;
}

/** The feed in one layout. Every read is strongly consistent. */
export interface FeedStore {
	/** @throws Unreachable when the table did not answer. The entry may be there, now or later. */
	append(entry: FeedEntry): Promise<void>;
	/**
	 * Hands over each entry with `fromMs <= atMs <= toMs`, in any order.
	 *
	 * @param take gets `undefined` for one that this version cannot read. Once it returns `false`, no
	 * more are of use.
	 * @throws Unreachable when the table did not answer.
	 */
	read(fromMs: number, toMs: number, take: (entry: FeedEntry | undefined) => boolean): Promise<void>;
}
