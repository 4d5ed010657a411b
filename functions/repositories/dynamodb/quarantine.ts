import {
	type AttributeValue,
	ConditionalCheckFailedException,
	DeleteItemCommand,
	type DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { SessionId } from '../../session/session.ts';
import { answered } from '../answered.ts';
import { decoded } from '../decoded.ts';
import type { Quarantined } from '../repository.ts';
import { itemKey, sessionItemKey, sessionTableSchema } from './schema.ts';

/**
 * Copies a corrupt item to the partition `~quarantine`, where no time to live ends it, and then deletes it if it is still that
 * one. Dying in between leaves both, and a repetition does the rest.
 */
export async function quarantineItem(client: DynamoDBClient, tableName: string, id: SessionId): Promise<Quarantined> {
	return answered(async () => {
		const { Item } = await client.send(
			new GetItemCommand({ TableName: tableName, Key: sessionItemKey(id), ConsistentRead: true }),
		);
		if (Item === undefined) return { kind: 'kept' } as const;
		const current = decoded(id, Item['record']?.S ?? Item['record']?.B ?? '');
		if (current.kind === 'found') return { kind: 'kept' } as const;
		if (current.reason !== 'corrupt') return current;
		const { [sessionTableSchema.timeToLiveAttribute]: _endless, ...kept } = Item;
		await client.send(new PutItemCommand({ TableName: tableName, Item: { ...kept, ...itemKey('~quarantine', id) } }));
		try {
			await client.send(
				new DeleteItemCommand({ TableName: tableName, Key: sessionItemKey(id), ...unchangedSince(Item) }),
			);
			return { kind: 'moved' } as const;
		} catch (error) {
			// Somebody has written or moved it since, so what was seen to be corrupt is not there any more.
			if (error instanceof ConditionalCheckFailedException) return { kind: 'kept' } as const;
			throw error;
		}
	});
}

/**
 * Every attribute is what it was. The revision alone would not do: a corrupt item may have none, and where one was moved
 * the counting begins again.
 */
function unchangedSince(item: Record<string, AttributeValue>) {
	const { partitionKey, sortKey } = sessionTableSchema;
	const attributes = Object.entries(item).filter(([name]) => name !== partitionKey && name !== sortKey);
	if (attributes.length === 0) return { ConditionExpression: 'attribute_exists(pk)' };
	return {
		ConditionExpression: attributes.map((_, index) => `#name${index} = :value${index}`).join(' AND '),
		ExpressionAttributeNames: Object.fromEntries(attributes.map(([name], index) => [`#name${index}`, name])),
		ExpressionAttributeValues: Object.fromEntries(attributes.map(([, value], index) => [`:value${index}`, value])),
	};
}
