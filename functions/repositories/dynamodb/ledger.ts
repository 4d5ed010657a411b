import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { freshRevision } from '../fresh-revision.ts';
import type { Ledger, Note, Revision, Tally } from '../ledger.ts';
import { callStore, writeOnCondition } from '../store-call.ts';
import { type Item, isConflict, itemKey, readItem, stillOf } from './item.ts';

/**
 * The markers of an outage are spread over this many partitions. Each takes 1,000 writes a second.
 */
const markerShards = 16;

/** A ledger as items of the session table. All reads are strongly consistent. */
export function createDynamoDbLedger(client: DynamoDBClient, tableName: string): Ledger {
	const get = (key: Item) => readItem(client, tableName, key);

	const remove = (key: Item, revision: Revision) =>
		writeOnCondition(isConflict, async () => {
			await client.send(new DeleteItemCommand({ TableName: tableName, Key: key, ...stillOf(revision) }));
			return { kind: 'removed' } as const;
		});

	return {
		writeMarker: (missing, id) =>
			callStore(async () => {
				const item = { ...markerKey(missing, id), revision: { S: freshRevision() } };
				await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
				return { kind: 'written' } as const;
			}),
		readMarker: (missing, id) =>
			callStore(
				async () => ({ kind: 'known', revision: (await get(markerKey(missing, id)))?.['revision']?.S }) as const,
			),
		removeMarker: (missing, id, revision) => remove(markerKey(missing, id), revision),
		anyMarker: (missing) =>
			callStore(async () => {
				for (let shard = 0; shard < markerShards; shard++) {
					const { Items = [] } = await client.send(
						new QueryCommand({
							TableName: tableName,
							KeyConditionExpression: 'pk = :shard',
							ExpressionAttributeValues: { ':shard': { S: markerPartition(missing, shard) } },
							ConsistentRead: true,
							Limit: 1,
						}),
					);
					const id = Items[0]?.['sk']?.S;
					if (id !== undefined) return { kind: 'known', id: id as SessionId } as const;
				}
				return { kind: 'known', id: undefined } as const;
			}),
		readNote: (missing) =>
			callStore(async () => {
				const item = await get(noteKey(missing));
				return { kind: 'known', note: item === undefined ? undefined : noteOf(item) } as const;
			}),
		writeNote: (missing, state, over) =>
			writeOnCondition(isConflict, async () => {
				const revision = freshRevision();
				const unknown = over?.unknown as Item | undefined;
				const note: Note = { state, opening: over?.opening ?? revision, revision, ...(unknown && { unknown }) };
				await client.send(
					new PutItemCommand({
						TableName: tableName,
						Item: {
							...unknown,
							...noteKey(missing),
							state: { S: state },
							opening: { S: note.opening },
							revision: { S: revision },
						},
						...stillOf(over?.revision),
					}),
				);
				return { kind: 'written', note } as const;
			}),
		removeNote: (missing, { revision }) => remove(noteKey(missing), revision),
		readTally: (of) =>
			callStore(async () => {
				const item = await get(tallyKey(of));
				return { kind: 'known', tally: item === undefined ? undefined : tallyOf(item) } as const;
			}),
		writeTally: (of, { count, atMs }, over) =>
			writeOnCondition(isConflict, async () => {
				const item = { count: { N: String(count) }, atMs: { N: String(atMs) }, revision: { S: freshRevision() } };
				await client.send(
					new PutItemCommand({
						TableName: tableName,
						Item: { ...tallyKey(of), ...item },
						...stillOf(over?.revision),
					}),
				);
				return { kind: 'written' } as const;
			}),
	};
}

function tallyKey(of: RepositoryName): Item {
	return itemKey(`~tally-${of}`, 'tally');
}

/** A tally that cannot be read counts as the lowest. At worst that makes the repository doubted. */
function tallyOf(item: Item): Tally {
	const count = Number(item['count']?.N);
	const atMs = Number(item['atMs']?.N);
	const revision = item['revision']?.S ?? '';
	return Number.isSafeInteger(count) && Number.isFinite(atMs)
		? { count, atMs, revision }
		: { count: 0, atMs: 0, revision };
}

function noteKey(missing: RepositoryName): Item {
	return itemKey(`~missed-by-${missing}`, 'note');
}

function markerKey(missing: RepositoryName, id: SessionId): Item {
	// Ids are random, so the first byte spreads them as well as a hash would.
	const [byte = 0] = Buffer.from(id.slice(0, 2), 'base64url');
	return itemKey(markerPartition(missing, byte % markerShards), id);
}

function markerPartition(missing: RepositoryName, shard: number): string {
	return `~missed-by-${missing}#${shard}`;
}

/** A note that cannot be read counts as open. That costs reads but breaks no promise. */
function noteOf(item: Item): Note {
	const { pk: _pk, sk: _sk, state, opening, revision, ...unknown } = item;
	return {
		state: state?.S === 'closing' ? 'closing' : 'open',
		opening: opening?.S ?? revision?.S ?? '',
		revision: revision?.S ?? '',
		...(Object.keys(unknown).length > 0 && { unknown }),
	};
}
