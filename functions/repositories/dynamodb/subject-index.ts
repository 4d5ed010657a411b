import { hash } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createOptimisticIndex, type StoredEntries } from '../optimistic-change.ts';
import { callStore } from '../store-call.ts';
import { decodeEntries, decodeUsed, type Entries, encodeEntries, encodeUsed } from '../subject-entries.ts';
import type { IndexFailed, SubjectEntry, SubjectIndex, UsedToken } from '../subject-index.ts';
import { type Item, isConflict, itemKey, readItem, stillOf } from './item.ts';

/**
 * The index as items of the session table, one for each subject. An item has the subject's entries,
 * used ID tokens, and a `revision`, which every write increments and has as its condition. So a
 * decision over the entries, such as a quota, and its effect are one write. Reads are strongly
 * consistent.
 */
export function createDynamoDbSubjectIndex(client: DynamoDBClient, tableName: string): SubjectIndex {
	const get = (subject: string) => readItem(client, tableName, keyOf(subject));

	async function put(
		subject: string,
		over: StoredEntries,
		entries: readonly SubjectEntry[],
		used: readonly UsedToken[],
	): Promise<'written' | StoredEntries | IndexFailed> {
		try {
			await client.send(
				new PutItemCommand({
					TableName: tableName,
					Item: {
						...(over.unknown as Unknown | undefined)?.attributes,
						...keyOf(subject),
						entries: { S: encodeEntries({ entries, unknown: (over.unknown as Unknown | undefined)?.fields ?? {} }) },
						used: { S: encodeUsed(used) },
						revision: { N: String((over.revision ?? 0) + 1) },
						ttl: { N: String(collectableAtSeconds([...over.entries, ...entries, ...used])) },
					},
					...stillOf(over.revision),
					ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
				}),
			);
			return 'written';
		} catch (error) {
			if (!isConflict(error)) throw error;
			// Not every DynamoDB-compatible endpoint returns the item on which the condition
			// failed.
			return storedIn(error.Item ?? (await get(subject)));
		}
	}

	return createOptimisticIndex('dynamodb', {
		get: (subject) => callStore(async () => storedIn(await get(subject))),
		put: (subject, ...change) => callStore(() => put(subject, ...change)),
	});
}

/** The part of an item that only a later version knows. */
interface Unknown {
	/** Beside the entries, in their JSON. */
	readonly fields: Entries['unknown'];
	/** Beside the attributes of the item. */
	readonly attributes: Item;
}

function storedIn(item: Item | undefined): StoredEntries | IndexFailed {
	if (item === undefined) return { kind: 'stored', entries: [], used: [], revision: undefined };
	try {
		const { pk: _pk, sk: _sk, entries: text, used: usedText, revision, ttl: _ttl, ...attributes } = item;
		const { entries, unknown: fields } = decodeEntries(text?.S ?? '');
		const used = decodeUsed(usedText?.S ?? '[]');
		const unknown: Unknown = { fields, attributes };
		return { kind: 'stored', entries, used, revision: Number(revision?.N), unknown };
	} catch (cause) {
		return { kind: 'failed', reason: 'corrupt', cause };
	}
}

/**
 * The key has a hash of the subject. A subject names a person, and keys appear in DynamoDB's logs
 * and metrics.
 */
function keyOf(subject: string) {
	return itemKey(`~subject-${hash('sha256', subject, 'base64url')}`, 'sessions');
}

/**
 * When DynamoDB may delete the item, in seconds since the Unix epoch: a day after the last session
 * has expired. An item without entries stays until then too, so that its revisions do not begin
 * again.
 */
function collectableAtSeconds(entries: readonly Pick<SubjectEntry, 'expiresAtMs'>[]): number {
	return Math.ceil(Math.max(0, ...entries.map(({ expiresAtMs }) => expiresAtMs)) / 1000) + 86_400;
}
