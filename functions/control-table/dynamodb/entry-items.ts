import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { sessionIdPattern } from '../../session/ids.ts';
import type { SessionId } from '../../session/session.ts';
import { type FeedEntry, feedEntriesMax } from '../feed.ts';
import { reach } from './call.ts';
import { bucketOf, type Item, readPartition, ttlOf } from './feed-partition.ts';
import type { FeedStore, FeedTable } from './feed-store.ts';

/** The layout `entries`: each entry is an item, and all of a minute share a partition. */
export function createEntryItems({ client, tableName, retentionMs }: FeedTable): FeedStore {
	return {
		append: async (entry) => {
			await reach(
				client.send(
					new PutItemCommand({
						TableName: tableName,
						Item: {
							pk: { S: keyOf(bucketOf(entry.atMs)) },
							sk: { S: `${timeKey(entry.atMs)}#${entry.id}` },
							atMs: { N: String(entry.atMs) },
							session: { S: entry.sessionId },
							kind: { S: entry.kind },
							// The name that entries in the table have had from the start.
							acknowledge: { BOOL: entry.proofWanted },
							ttl: ttlOf(entry.atMs, retentionMs),
						},
					}),
				),
			);
		},
		read: (fromMs, toMs, take) =>
			readPartition(client, tableName, fromMs, toMs, {
				keyOf,
				from: timeKey(fromMs),
				to: `${timeKey(toMs)}~`,
				itemsMax: feedEntriesMax,
				take: (items) => items.every((item) => take(entryOf(item))),
			}),
	};
}

function keyOf(bucket: number): string {
	return `feed#${bucket}`;
}

/** Milliseconds as text of a fixed width, so that keys sort by time. */
function timeKey(ms: number): string {
	return Math.floor(ms).toString().padStart(15, '0');
}

/**
 * `undefined`: the entry is not about one session, of an unknown kind, or without a time. A later
 * version announced more with it, so every copy may be affected.
 */
function entryOf(item: Item): FeedEntry | undefined {
	const key = item['sk']?.S ?? '';
	const session = item['session']?.S ?? '';
	// A bus of the release before does not say the kind. The end is the careful reading.
	const kind = item['kind']?.S ?? 'end';
	if (!sessionIdPattern.test(session) || (kind !== 'end' && kind !== 'attributes')) return undefined;
	const atMs = Number(item['atMs']?.N);
	if (!Number.isFinite(atMs)) return undefined;
	return {
		id: key.slice(key.indexOf('#') + 1),
		atMs,
		sessionId: session as SessionId,
		kind,
		proofWanted: item['acknowledge']?.BOOL === true,
	};
}
