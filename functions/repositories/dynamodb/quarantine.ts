import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Session, SessionId } from '../../session/session.ts';
import { asideName, readRecord } from '../record.ts';
import type { Quarantined } from '../repository.ts';
import { callStore, writeOnCondition } from '../store-call.ts';
import { isConflict, itemKey, readItem, sessionItemKey, stillEqual } from './item.ts';
import { sessionTableSchema } from './schema.ts';

/**
 * Copies a corrupt or forged item to the partition `~quarantine`, without a time to live. Then it
 * deletes the original if that has not changed. If the process dies in between, both are there, and
 * a repetition deletes the original.
 */
export async function quarantineItem(
	client: DynamoDBClient,
	tableName: string,
	id: SessionId,
	isForged: (session: Session) => boolean = () => false,
): Promise<Quarantined> {
	const read = await callStore(async () => {
		const item = await readItem(client, tableName, sessionItemKey(id));
		return { kind: 'read', item } as const;
	});
	if (read.kind === 'failed') return read;
	const { item } = read;
	if (item === undefined) return { kind: 'kept' };
	const record = item['record']?.S ?? item['record']?.B ?? '';
	const current = readRecord(id, record);
	if (current.kind === 'found' && !isForged(current.session)) return { kind: 'kept' };
	if (current.kind === 'failed' && current.reason !== 'corrupt') return current;
	const moved = await writeOnCondition(isConflict, async () => {
		const { [sessionTableSchema.timeToLiveAttribute]: _ttl, ...kept } = item;
		const copy = { ...kept, ...itemKey('~quarantine', asideName(id, record)) };
		await client.send(new PutItemCommand({ TableName: tableName, Item: copy }));
		await client.send(new DeleteItemCommand({ TableName: tableName, Key: sessionItemKey(id), ...stillEqual(item) }));
		return { kind: 'moved' } as const;
	});
	// Somebody has written or moved the item since, so the corrupt record is no longer there.
	return moved.kind === 'conflict' ? { kind: 'kept' } : moved;
}
