import {
	type AttributeValue,
	ConditionalCheckFailedException,
	type DynamoDBClient,
	GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { SessionId } from '../../session/session.ts';
import { sessionTableSchema } from './schema.ts';

export type Item = Record<string, AttributeValue>;

/** Reads an item of the session table, strongly consistently. */
export async function readItem(client: DynamoDBClient, tableName: string, key: Item): Promise<Item | undefined> {
	const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
	return Item;
}

/**
 * The condition of a write: the item still has the `revision` that was read. `undefined`: there is
 * still no item.
 */
export function stillOf(revision: string | number | undefined) {
	if (revision === undefined) return { ConditionExpression: 'attribute_not_exists(pk)' };
	const seen = typeof revision === 'string' ? { S: revision } : { N: String(revision) };
	return { ConditionExpression: 'revision = :seen', ExpressionAttributeValues: { ':seen': seen } };
}

/**
 * The condition of a delete: every attribute is still what it was. For a corrupt item, its revision
 * alone would not do: it may have none, and revisions begin again after an item was moved aside.
 */
export function stillEqual(item: Item) {
	const { partitionKey, sortKey } = sessionTableSchema;
	const attributes = Object.entries(item).filter(([name]) => name !== partitionKey && name !== sortKey);
	if (attributes.length === 0) return { ConditionExpression: 'attribute_exists(pk)' };
	return {
		ConditionExpression: attributes.map((_, index) => `#name${index} = :value${index}`).join(' AND '),
		ExpressionAttributeNames: Object.fromEntries(attributes.map(([name], index) => [`#name${index}`, name])),
		ExpressionAttributeValues: Object.fromEntries(attributes.map(([, value], index) => [`:value${index}`, value])),
	};
}

export function isConflict(error: unknown): error is ConditionalCheckFailedException {
	return error instanceof ConditionalCheckFailedException;
}

/** The sort key of every session item. */
const sessionSortKey = 'session';

export function sessionItemKey(id: SessionId): { readonly pk: { S: string }; readonly sk: { S: string } } {
	return itemKey(id, sessionSortKey);
}

export function itemKey(pk: string, sk: string): { readonly pk: { S: string }; readonly sk: { S: string } } {
	return { pk: { S: pk }, sk: { S: sk } };
}
