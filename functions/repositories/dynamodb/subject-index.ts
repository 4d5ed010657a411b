import { hash } from 'node:crypto';
import {
	type AttributeValue,
	ConditionalCheckFailedException,
	type DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { createOptimisticIndex, type StoredEntries } from '../optimistic-change.ts';
import { decodeEntries, encodeEntries } from '../subject-entries.ts';
import type { IndexFailed, SubjectEntry, SubjectIndex } from '../subject-index.ts';
import { itemKey } from './schema.ts';

/**
 * The index as items of the DynamoDB repository's table, one for each subject: its entries, and a `revision` that every write
 * increments and makes its condition. So what is decided over the entries, a quota for instance, and what is stored are one
 * write. Reads are strongly consistent.
 */
export function createDynamoDbSubjectIndex(client: DynamoDBClient, tableName: string): SubjectIndex {
	async function get(subject: string): Promise<Item | undefined> {
		const { Item } = await client.send(
			new GetItemCommand({ TableName: tableName, Key: keyOf(subject), ConsistentRead: true }),
		);
		return Item;
	}

	async function put(
		subject: string,
		over: StoredEntries,
		entries: readonly SubjectEntry[],
	): Promise<'written' | StoredEntries | IndexFailed> {
		try {
			await client.send(
				new PutItemCommand({
					TableName: tableName,
					Item: {
						...keyOf(subject),
						entries: { S: encodeEntries(entries) },
						revision: { N: String((over.revision ?? 0) + 1) },
						ttl: { N: String(collectableAtSeconds([...over.entries, ...entries])) },
					},
					...unchangedSince(over.revision),
					ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
				}),
			);
			return 'written';
		} catch (error) {
			if (!(error instanceof ConditionalCheckFailedException)) throw error;
			// Not every endpoint that speaks DynamoDB's protocol says what the condition failed on.
			return storedIn(error.Item ?? (await get(subject)));
		}
	}

	return createOptimisticIndex('dynamodb', {
		get: (subject) => answered(get(subject).then(storedIn)),
		put: (subject, over, entries) => answered(put(subject, over, entries)),
	});
}

type Item = Record<string, AttributeValue>;

function storedIn(item: Item | undefined): StoredEntries | IndexFailed {
	if (item === undefined) return { entries: [], revision: undefined };
	try {
		return { entries: decodeEntries(item['entries']?.S ?? ''), revision: Number(item['revision']?.N) };
	} catch (cause) {
		return { kind: 'failed', reason: 'corrupt', cause };
	}
}

async function answered<Answer>(call: Promise<Answer>): Promise<Answer | IndexFailed> {
	try {
		return await call;
	} catch (cause) {
		return { kind: 'failed', reason: 'unavailable', cause };
	}
}

/** Subjects are names of people, which have no place in keys: those appear in logs and metrics of DynamoDB. */
function keyOf(subject: string) {
	return itemKey(`~subject-${hash('sha256', subject, 'base64url')}`, 'sessions');
}

/** A day after the last of the sessions has expired. An emptied item stays until then, and so do its revisions. */
function collectableAtSeconds(entries: readonly SubjectEntry[]): number {
	return Math.ceil(Math.max(0, ...entries.map(({ expiresAtMs }) => expiresAtMs)) / 1000) + 86_400;
}

/** The item is still the one that the decision was made over, or still absent. */
function unchangedSince(revision: number | undefined) {
	return revision === undefined
		? { ConditionExpression: 'attribute_not_exists(pk)' }
		: { ConditionExpression: 'revision = :seen', ExpressionAttributeValues: { ':seen': { N: String(revision) } } };
}
