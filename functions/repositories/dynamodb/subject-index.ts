import { hash } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Clock } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { createOptimisticIndex, type StoredEntries } from '../optimistic-change.ts';
import { callStore } from '../store-call.ts';
import {
	areOfLaterSchema,
	decodeEntries,
	decodeUsed,
	type Entries,
	encodeEntries,
	encodeUsed,
} from '../subject-entries.ts';
import type { IndexFailed, SubjectEntry, SubjectIndex, UsedToken } from '../subject-index.ts';
import { type Item, isConflict, itemKey, readItem, stillEqual, stillOf } from './item.ts';
import { sessionTableSchema } from './schema.ts';

/**
 * The index as items of the session table, one for each subject. An item has the subject's entries,
 * used ID tokens, and a `revision`, which every write increments and has as its condition. So a
 * decision over the entries, such as a quota, and its effect are one write. Reads are strongly
 * consistent.
 */
export function createDynamoDbSubjectIndex(
	client: DynamoDBClient,
	tableName: string,
	clock: Clock,
	log: Log,
): SubjectIndex {
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
						...lossAttributes(over.incompleteUntilMs),
						ttl: { N: String(collectableAtSeconds([...over.entries, ...entries, ...used], over.incompleteUntilMs)) },
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
		setAside: (subject) =>
			callStore(async () => {
				const key = keyOf(subject);
				const item = await readItem(client, tableName, key);
				const stored = storedIn(item);
				if (item === undefined || stored.kind !== 'failed' || stored.reason !== 'corrupt') return stored;
				const nowMs = clock.now().wallMs;
				log('error', 'the entries of a subject cannot be read, and were set aside', { key: key.pk.S });
				const fresh = freshItem(item, nowMs);
				const { [sessionTableSchema.timeToLiveAttribute]: _ttl, ...kept } = item;
				const copy = { ...kept, ...itemKey('~quarantine', key.pk.S) };
				await client.send(new PutItemCommand({ TableName: tableName, Item: copy }));
				const replace = { TableName: tableName, Item: { ...key, ...fresh }, ...stillEqual(item) };
				// If the item has changed since, another bus has set it aside.
				await client.send(new PutItemCommand(replace)).catch((error) => {
					if (!isConflict(error)) throw error;
				});
				return storedIn(await readItem(client, tableName, key));
			}),
	});
}

/** The part of an item that only a later version knows. */
interface Unknown {
	/** Beside the entries, in their JSON. */
	readonly fields: Entries['unknown'];
	/** Beside the attributes of the item. */
	readonly attributes: Item;
}

/**
 * The item that replaces `corrupt`. Its list is incomplete for as long as an entry that was lost
 * may be of use. The time to live of the item tells how long that is.
 */
function freshItem(corrupt: Item, nowMs: number): Item {
	const longestMs = nowMs + lostEntryMsMax;
	const lastMs = 1_000 * (Number(corrupt[sessionTableSchema.timeToLiveAttribute]?.N) - collectableAfterSeconds);
	const incompleteUntilMs = lastMs > nowMs && lastMs < longestMs ? lastMs : longestMs;
	const before = Number(corrupt['revision']?.N);
	// Above every revision that a writer may have seen. There is at most one in a millisecond.
	const revision = Number.isSafeInteger(before) ? before + 1 : nowMs;
	return {
		entries: { S: encodeEntries({ entries: [], unknown: {} }) },
		used: { S: encodeUsed([]) },
		revision: { N: String(revision) },
		...lossAttributes(incompleteUntilMs),
		ttl: { N: String(collectableAtSeconds([], incompleteUntilMs)) },
	};
}

/** No session lives for longer (`new-session.ts` of the bus). */
const lostEntryMsMax = 366 * 86_400_000;

function lossAttributes(incompleteUntilMs: number | undefined): Item {
	return incompleteUntilMs === undefined ? {} : { incompleteUntilMs: { N: String(incompleteUntilMs) } };
}

function storedIn(item: Item | undefined): StoredEntries | IndexFailed {
	if (item === undefined) return { kind: 'stored', entries: [], used: [], revision: undefined };
	const text = item['entries']?.S ?? '';
	try {
		const { pk: _pk, sk: _sk, entries: _text, used: usedText, revision: counted, ttl: _ttl, ...rest } = item;
		const { incompleteUntilMs: until, ...attributes } = rest;
		const { entries, unknown: fields } = decodeEntries(text);
		const used = decodeUsed(usedText?.S ?? '[]');
		const revision = v.parse(v.pipe(v.number(), v.safeInteger()), Number(counted?.N));
		const incompleteUntilMs = Number(until?.N ?? 0);
		const loss = incompleteUntilMs > 0 ? { incompleteUntilMs } : {};
		const unknown: Unknown = { fields, attributes };
		return { kind: 'stored', entries, used, revision, unknown, ...loss };
	} catch (cause) {
		return { kind: 'failed', reason: areOfLaterSchema(text) ? 'unknown-schema' : 'corrupt', cause };
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
function collectableAtSeconds(
	entries: readonly Pick<SubjectEntry, 'expiresAtMs'>[],
	incompleteUntilMs: number | undefined,
): number {
	const lastMs = Math.max(0, incompleteUntilMs ?? 0, ...entries.map(({ expiresAtMs }) => expiresAtMs));
	return Math.ceil(lastMs / 1_000) + collectableAfterSeconds;
}

const collectableAfterSeconds = 86_400;
