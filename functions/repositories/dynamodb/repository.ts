import {
	type AttributeValue,
	ConditionalCheckFailedException,
	type DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Session, SessionId } from '../../session/session.ts';
import type { Clock } from '../../system/clock.ts';
import { loadRecord } from '../load-record.ts';
import { mergeWithRetries, type Stored } from '../optimistic-merge.ts';
import { collectableAtSeconds, encodeRecord } from '../record.ts';
import type { Repository } from '../repository.ts';
import { createDynamoDbLedger } from './ledger.ts';
import { quarantineItem } from './quarantine.ts';
import { sessionItemKey } from './schema.ts';

/**
 * Sessions as items of a DynamoDB table: key, the record (JSON as text, compressed as binary), and a `revision` that every write increments and makes
 * its condition. Reads are strongly consistent.
 */
export function createDynamoDbRepository(client: DynamoDBClient, tableName: string, clock: Clock): Repository {
	async function get(id: SessionId): Promise<Stored<number> | undefined> {
		const { Item } = await client.send(
			new GetItemCommand({ TableName: tableName, Key: sessionItemKey(id), ConsistentRead: true }),
		);
		if (Item === undefined) return undefined;
		return { record: Item['record']?.S ?? Item['record']?.B ?? '', revision: Number(Item['revision']?.N) };
	}

	async function put(session: Session, over: number | undefined): Promise<'written' | 'conflict'> {
		const record = encodeRecord(session);
		const item: Record<string, AttributeValue> = {
			...sessionItemKey(session.id),
			record: typeof record === 'string' ? { S: record } : { B: record },
			revision: { N: String((over ?? 0) + 1) },
			subject: { S: session.subject },
			ttl: { N: String(leavesAtSeconds(session, clock.now().wallMs)) },
		};
		try {
			await client.send(new PutItemCommand({ TableName: tableName, Item: item, ...unchangedSince(over) }));
			return 'written';
		} catch (error) {
			if (error instanceof ConditionalCheckFailedException) return 'conflict';
			throw error;
		}
	}

	return {
		name: 'dynamodb',
		load: (id) => loadRecord(id, () => get(id)),
		merge: (id, propose, heldElsewhere) =>
			mergeWithRetries(id, { get: () => get(id), put, recordBytesMax: itemRecordBytesMax }, propose, heldElsewhere),
		quarantine: (id) => quarantineItem(client, tableName, id),
		ledger: createDynamoDbLedger(client, tableName),
	};
}

/** An item takes 400 kB, names and all; this leaves room for what else is in it. A larger session has its stub here. */
const itemRecordBytesMax = 350 * 1024;

/**
 * A session that was not written for so long is dormant: DynamoDB lets it go, and S3 has it. No repair can still be on its way
 * to S3 by then, since queues keep a message for 14 days at most, counted from its first arrival.
 */
const dormantAfterMs = 21 * 86_400_000;

/**
 * When the item may be collected, in seconds of the Unix epoch. A tombstone costs next to nothing, and stays as long as the session
 * could have lived. The last activity speaks for a clock that is far behind.
 */
function leavesAtSeconds(session: Session, nowMs: number): number {
	if (session.revocation !== undefined) return collectableAtSeconds(session);
	const dormantAtMs = Math.max(nowMs, session.lastSeenAtMs) + dormantAfterMs;
	return Math.min(collectableAtSeconds(session), Math.ceil(dormantAtMs / 1_000));
}

/** The item is still the one that was read, or still absent: whoever wrote in between must be merged with first. */
function unchangedSince(revision: number | undefined) {
	return revision === undefined
		? { ConditionExpression: 'attribute_not_exists(pk)' }
		: {
				ConditionExpression: 'revision = :seen',
				ExpressionAttributeValues: { ':seen': { N: String(revision) } },
			};
}
