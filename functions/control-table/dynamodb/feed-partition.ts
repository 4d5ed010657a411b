import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { reach } from './call.ts';

export type Item = Record<string, AttributeValue>;

/**
 * The items of one minute share a partition of each kind, a *bucket*. Almost every sync reads a
 * single one.
 */
export const bucketMs = 60_000;

/** A part of the feed that is read by itself. */
export interface FeedPartition {
	/** The partition key of a bucket. */
	keyOf(bucket: number): string;
	/** The sort keys of a time range. */
	readonly from: string;
	readonly to: string;
	/** How many items come in a page. */
	readonly itemsMax: number;
	/** Takes the items of a page. `false`: no more of them are of use. */
	take(items: readonly Item[]): boolean;
}

/** Reads the items of a time range, strongly consistently. All buckets are read at once. */
export async function readPartition(
	client: DynamoDBClient,
	tableName: string,
	fromMs: number,
	toMs: number,
	partition: FeedPartition,
): Promise<void> {
	async function readBucket(bucket: number): Promise<void> {
		let start: Item | undefined;
		do {
			const page = await reach(
				client.send(
					new QueryCommand({
						TableName: tableName,
						ConsistentRead: true,
						KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
						ExpressionAttributeValues: {
							':pk': { S: partition.keyOf(bucket) },
							':from': { S: partition.from },
							':to': { S: partition.to },
						},
						Limit: partition.itemsMax,
						...(start === undefined ? {} : { ExclusiveStartKey: start }),
					}),
				),
			);
			if (!partition.take(page.Items ?? [])) return;
			start = page.LastEvaluatedKey;
		} while (start !== undefined);
	}

	const first = bucketOf(fromMs);
	const count = bucketOf(toMs) - first + 1;
	await Promise.all(Array.from({ length: count }, (_, index) => readBucket(first + index)));
}

export function bucketOf(atMs: number): number {
	return Math.floor(atMs / bucketMs);
}

/** When the table may delete an entry, in whole seconds. */
export function ttlOf(atMs: number, retentionMs: number): AttributeValue {
	return { N: String(Math.ceil((atMs + retentionMs) / 1000)) };
}
