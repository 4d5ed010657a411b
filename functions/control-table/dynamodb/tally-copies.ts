import { type AttributeValue, type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { TallyCopies } from '../tally-copies.ts';
import { reach, wrote } from './call.ts';

/** Copies of tallies as items of the control table. */
export function createDynamoDbTallyCopies(client: DynamoDBClient, tableName: string): TallyCopies {
	return {
		read: async (of) => {
			const { Item } = await reach(
				client.send(new GetItemCommand({ TableName: tableName, Key: keyOf(of), ConsistentRead: true })),
			);
			if (Item === undefined) return undefined;
			return { count: Number(Item['tally']?.N ?? 0), atMs: Number(Item['atMs']?.N ?? 0) };
		},
		raise: async (of, { count, atMs }) => {
			await wrote(
				client.send(
					new UpdateItemCommand({
						TableName: tableName,
						Key: keyOf(of),
						UpdateExpression: 'SET tally = :count, atMs = :at',
						ConditionExpression: 'attribute_not_exists(tally) OR tally < :count',
						ExpressionAttributeValues: { ':count': { N: String(count) }, ':at': { N: String(atMs) } },
					}),
				),
			);
		},
	};
}

function keyOf(of: RepositoryName): Record<'pk' | 'sk', AttributeValue> {
	return { pk: { S: `tally#${of}` }, sk: { S: 'tally' } };
}
