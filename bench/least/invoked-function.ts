import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { callInTurn, type InvokedCall, leastContent, leastKey } from './calls.ts';

const {
	LEASEHOLD_CONTROL_TABLE: controlTable,
	LEASEHOLD_SESSION_TABLE: sessionTable,
	LEASEHOLD_SESSION_BUCKET: Bucket,
} = process.env;
const dynamoDb = new DynamoDBClient({});
const s3 = new S3Client({ forcePathStyle: true });

const write = (TableName: string | undefined) =>
	dynamoDb.send(new PutItemCommand({ TableName, Item: { ...leastKey, content: { S: leastContent } } }));

const invoked = {
	'dynamodb read': () =>
		dynamoDb.send(new GetItemCommand({ TableName: sessionTable, Key: leastKey, ConsistentRead: true })),
	'dynamodb write': () => write(sessionTable),
	's3 write': () => s3.send(new PutObjectCommand({ Bucket, Key: 'least', Body: leastContent })),
	'control write': () => write(controlTable),
};

/** The function that the least program invokes, in the place of the bus. */
export async function handler(calls: readonly InvokedCall[]): Promise<{ readonly content: string }> {
	await callInTurn(calls, invoked);
	return { content: leastContent };
}
