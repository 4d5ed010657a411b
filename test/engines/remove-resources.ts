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

/** Removes every table, bucket and queue of a run, those of tests that broke off included. */
export async function removeResources({ endpoint, region, credentials, namePrefix }: EngineAccess): Promise<void> {
	const settings = {
		region,
		...(endpoint === undefined ? {} : { endpoint }),
		...(credentials === undefined ? {} : { credentials }),
	};
	const dynamodb = new DynamoDBClient(settings);
	const s3 = new S3Client({ ...settings, forcePathStyle: endpoint !== undefined });
	const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
	const begins = `${namePrefix}-`;
	const outcomes = await Promise.allSettled([
		removeTables(dynamodb, begins),
		removeBuckets(s3, begins),
		removeQueues(sqs, begins),
	]);
	for (const client of [dynamodb, s3, sqs]) client.destroy();
	const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
	if (failures.length > 0)
		throw new AggregateError(
			failures,
			`what begins with ${begins} may still be there: ${failures.map(String).join('; ')}`,
		);
}

async function removeTables(client: DynamoDBClient, begins: string): Promise<void> {
	for await (const { TableNames = [] } of paginateListTables({ client }, {}))
		for (const TableName of TableNames)
			if (TableName.startsWith(begins)) await client.send(new DeleteTableCommand({ TableName }));
}

async function removeBuckets(client: S3Client, begins: string): Promise<void> {
	const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
	for (const { Name: Bucket = '' } of Buckets) {
		if (!Bucket.startsWith(begins)) continue;
		for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
			for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
		await client.send(new DeleteBucketCommand({ Bucket }));
	}
}

async function removeQueues(client: SQSClient, begins: string): Promise<void> {
	const urls: string[] = [];
	for await (const { QueueUrls = [] } of paginateListQueues({ client }, { QueueNamePrefix: begins, MaxResults: 100 }))
		urls.push(...QueueUrls);
	for (const QueueUrl of urls) await client.send(new DeleteQueueCommand({ QueueUrl }));
}
