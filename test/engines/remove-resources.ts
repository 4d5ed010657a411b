import { DeleteTableCommand, DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import {
	DeleteBucketCommand,
	DeleteObjectCommand,
	ListBucketsCommand,
	paginateListObjectsV2,
	S3Client,
} from '@aws-sdk/client-s3';
import { DeleteQueueCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import type { EngineAccess } from '../support/engines/engine-access.ts';

/** Removes every table, bucket and queue of a run, including those of tests that did not finish. */
export async function removeResources({ endpoint, region, credentials, namePrefix }: EngineAccess): Promise<void> {
	const settings = {
		region,
		...(endpoint === undefined ? {} : { endpoint }),
		...(credentials === undefined ? {} : { credentials }),
	};
	const dynamodb = new DynamoDBClient(settings);
	const s3 = new S3Client({ ...settings, forcePathStyle: endpoint !== undefined });
	const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
	const prefix = `${namePrefix}-`;
	const outcomes = await Promise.allSettled([
		removeTables(dynamodb, prefix),
		removeBuckets(s3, prefix),
		removeQueues(sqs, prefix),
	]);
	for (const client of [dynamodb, s3, sqs]) client.destroy();
	const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
	if (failures.length > 0)
		throw new AggregateError(
			failures,
			`resources whose names begin with ${prefix} may be left: ${failures.map(String).join('; ')}`,
		);
}

async function removeTables(client: DynamoDBClient, prefix: string): Promise<void> {
	for await (const { TableNames = [] } of paginateListTables({ client }, {}))
		for (const TableName of TableNames)
			if (TableName.startsWith(prefix)) await client.send(new DeleteTableCommand({ TableName }));
}

async function removeBuckets(client: S3Client, prefix: string): Promise<void> {
	const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
	for (const { Name: Bucket = '' } of Buckets) {
		if (!Bucket.startsWith(prefix)) continue;
		for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
			for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
		await client.send(new DeleteBucketCommand({ Bucket }));
	}
}

async function removeQueues(client: SQSClient, prefix: string): Promise<void> {
	const urls: string[] = [];
	for await (const { QueueUrls = [] } of paginateListQueues({ client }, { QueueNamePrefix: prefix, MaxResults: 100 }))
		urls.push(...QueueUrls);
	for (const QueueUrl of urls) await client.send(new DeleteQueueCommand({ QueueUrl }));
}
