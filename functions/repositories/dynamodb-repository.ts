import {
	type AttributeValue,
	ConditionalCheckFailedException,
	type DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Session, SessionId } from '../session/session.ts';
import { createDynamoDbLedger } from './dynamodb-ledger.ts';
import { quarantineItem } from './dynamodb-quarantine.ts';
import { loadRecord } from './load-record.ts';
import { mergeWithRetries, type Stored } from './optimistic-merge.ts';
import { collectableAtSeconds, encodeRecord } from './record.ts';
import type { Repository } from './repository.ts';
import { sessionItemKey } from './session-table.ts';

/**
 * Sessions as items of a DynamoDB table: key, the record as JSON, and a `revision` that every write increments and makes
 * its condition. Reads are strongly consistent.
 */
export function createDynamoDbRepository(client: DynamoDBClient, tableName: string): Repository {
	async function get(id: SessionId): Promise<Stored<number> | undefined> {
		const { Item } = await client.send(
			new GetItemCommand({ TableName: tableName, Key: sessionItemKey(id), ConsistentRead: true }),
		);
		if (Item === undefined) return undefined;
		return { record: Item['record']?.S ?? '', version: Number(Item['revision']?.N) };
	}

	async function put(session: Session, over: number | undefined): Promise<'written' | 'conflict'> {
		const item: Record<string, AttributeValue> = {
			...sessionItemKey(session.id),
			record: { S: encodeRecord(session) },
			revision: { N: String((over ?? 0) + 1) },
			subject: { S: session.subject },
			ttl: { N: String(collectableAtSeconds(session)) },
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
		merge: (id, propose) => mergeWithRetries(id, { get: () => get(id), put }, propose),
		quarantine: (id) => quarantineItem(client, tableName, id),
		ledger: createDynamoDbLedger(client, tableName),
	};
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
