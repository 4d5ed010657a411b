import { type AttributeValue, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Session } from '../../session/session.ts';
import type { Clock } from '../../system/clock.ts';
import { loadFrom, mergeWithRetries, type RecordStore } from '../optimistic-merge.ts';
import { collectableAtSeconds, encodeRecord } from '../record.ts';
import type { Repository } from '../repository.ts';
import { callStore, writeOnCondition } from '../store-call.ts';
import { isConflict, readItem, sessionItemKey, stillOf } from './item.ts';
import { listSessions } from './list.ts';
import { quarantineItem } from './quarantine.ts';
import { createDynamoDbTally } from './tally.ts';

/**
 * Sessions as items of a DynamoDB table. An item has its key, the record (JSON as text, or
 * compressed as binary) and a `revision`, which every write increments and has as its condition.
 * Reads are strongly consistent.
 */
export function createDynamoDbRepository(client: DynamoDBClient, tableName: string, clock: Clock): Repository {
	const store: RecordStore<number> = {
		get: (id) =>
			callStore(async () => {
				const item = await readItem(client, tableName, sessionItemKey(id));
				if (item === undefined) return { kind: 'absent' } as const;
				const record = item['record']?.S ?? item['record']?.B ?? '';
				return { kind: 'stored', record, revision: Number(item['revision']?.N) } as const;
			}),
		put: (session, over) =>
			writeOnCondition(isConflict, async () => {
				const record = encodeRecord(session);
				const item: Record<string, AttributeValue> = {
					...sessionItemKey(session.id),
					record: typeof record === 'string' ? { S: record } : { B: record },
					revision: { N: String((over ?? 0) + 1) },
					subject: { S: session.subject },
					ttl: { N: String(leavesAtSeconds(session, clock.now().wallMs)) },
				};
				await client.send(new PutItemCommand({ TableName: tableName, Item: item, ...stillOf(over) }));
				return { kind: 'written' } as const;
			}),
		recordBytesMax: itemRecordBytesMax,
	};

	return {
		name: 'dynamodb',
		load: (id) => loadFrom(store, id),
		merge: (id, ...merging) => mergeWithRetries(store, id, ...merging),
		quarantine: (id, isForged) => quarantineItem(client, tableName, id, isForged),
		list: (after) => listSessions(client, tableName, after),
		tally: createDynamoDbTally(client, tableName),
	};
}

/**
 * An item may have 400 kB, names included. This limit leaves room for its other attributes. Of a
 * larger session, DynamoDB keeps a stub.
 */
const itemRecordBytesMax = 350 * 1024;

/**
 * A session that was not written for this long is dormant. DynamoDB then deletes its item, and S3
 * still has the record. By then no repair of S3 can be under way: a queue keeps a message for at
 * most 14 days from its first arrival.
 */
const dormantAfterMs = 21 * 86_400_000;

/**
 * When DynamoDB may delete the item, in seconds since the Unix epoch. A tombstone is small and
 * stays for as long as the session could have lived. The last activity corrects a clock that is far
 * behind.
 */
function leavesAtSeconds(session: Session, nowMs: number): number {
	if (session.revocation !== undefined) return collectableAtSeconds(session);
	const dormantAtMs = Math.max(nowMs, session.lastSeenAtMs) + dormantAfterMs;
	return Math.min(collectableAtSeconds(session), Math.ceil(dormantAtMs / 1_000));
}
