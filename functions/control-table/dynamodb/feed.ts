import { type AttributeValue, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { sessionIdPattern } from '../../session/ids.ts';
import type { SessionId } from '../../session/session.ts';
import { type Feed, type FeedEntry, feedEntriesMax } from '../feed.ts';
import { reach } from './call.ts';

/**
 * The entries of one minute share a partition, a *bucket*. DynamoDB's limits for a partition
 * therefore limit the feed: 1,000 entries written and 3,000 reads of up to 4 kB each a second.
 * Almost every sync reads a single bucket.
 */
const bucketMs = 60_000;

/**
 * The feed as items of the control table.
 *
 * @param retentionMs the time to live of an entry.
 */
export function createDynamoDbFeed(client: DynamoDBClient, tableName: string, retentionMs: number): Feed {
	async function readBucket(bucket: number, fromMs: number, toMs: number): Promise<FeedEntry[] | 'overflow'> {
		const entries: FeedEntry[] = [];
		let start: Record<string, AttributeValue> | undefined;
		do {
			const page = await reach(
				client.send(
					new QueryCommand({
						TableName: tableName,
						ConsistentRead: true,
						KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
						ExpressionAttributeValues: {
							':pk': { S: `feed#${bucket}` },
							':from': { S: timeKey(fromMs) },
							':to': { S: `${timeKey(toMs)}~` },
						},
						Limit: feedEntriesMax,
						...(start === undefined ? {} : { ExclusiveStartKey: start }),
					}),
				),
			);
			for (const item of page.Items ?? []) {
				const entry = entryOf(item);
				if (entry === undefined) return 'overflow';
				entries.push(entry);
			}
			if (entries.length > feedEntriesMax) return 'overflow';
			start = page.LastEvaluatedKey;
		} while (start !== undefined);
		return entries;
	}

	return {
		append: async (entry) => {
			await reach(
				client.send(
					new PutItemCommand({
						TableName: tableName,
						Item: {
							pk: { S: `feed#${Math.floor(entry.atMs / bucketMs)}` },
							sk: { S: `${timeKey(entry.atMs)}#${entry.id}` },
							atMs: { N: String(entry.atMs) },
							session: { S: entry.sessionId },
							kind: { S: entry.kind },
							// The name that entries in the table have had from the start.
							acknowledge: { BOOL: entry.proofWanted },
							ttl: { N: String(Math.ceil((entry.atMs + retentionMs) / 1000)) },
						},
					}),
				),
			);
		},
		read: async (fromMs, toMs) => {
			const first = Math.floor(fromMs / bucketMs);
			const count = Math.floor(toMs / bucketMs) - first + 1;
			const reads = Array.from({ length: count }, (_, index) => readBucket(first + index, fromMs, toMs));
			const buckets = await Promise.all(reads);
			const entries: FeedEntry[] = [];
			for (const bucket of buckets) {
				if (bucket === 'overflow') return 'overflow';
				entries.push(...bucket);
			}
			return entries.length > feedEntriesMax ? 'overflow' : entries;
		},
	};
}

/** Milliseconds as text of a fixed width, so that keys sort by time. */
function timeKey(ms: number): string {
	return Math.floor(ms).toString().padStart(15, '0');
}

/**
 * `undefined`: the entry is not about one session, of an unknown kind, or without a time. A later
 * version announced more with it, so every copy may be affected.
 */
function entryOf(item: Record<string, AttributeValue>): FeedEntry | undefined {
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
