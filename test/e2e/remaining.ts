import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';

/**
 * CloudFormation begins the names of resources with the name of their stack. Buckets are in lower
 * case.
 */
const ofTheStack = /\bLeasehold/i;

/**
 * Names of the stack's tables, buckets, queues, functions and secrets that remain in an emulator.
 * An emulator's CloudFormation may report that a stack is deleted and leave resources behind, so
 * this asks each service.
 */
export async function remainingResources(endpoint: string): Promise<readonly string[]> {
	const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
	const dynamodb = new DynamoDBClient(settings);
	const s3 = new S3Client({ ...settings, forcePathStyle: true });
	const sqs = new SQSClient(settings);
	const lambda = new LambdaClient(settings);
	const secrets = new SecretsManagerClient(settings);
	try {
		const [tables, buckets, queues, functions, kept] = await Promise.all([
			dynamodb.send(new ListTablesCommand({})),
			s3.send(new ListBucketsCommand({})),
			sqs.send(new ListQueuesCommand({})),
			lambda.send(new ListFunctionsCommand({})),
			secrets.send(new ListSecretsCommand({})),
		]);
		const names = [
			...(tables.TableNames ?? []),
			...(buckets.Buckets ?? []).map(({ Name = '' }) => Name),
			...(queues.QueueUrls ?? []).map((url) => new URL(url).pathname.split('/').at(-1) ?? ''),
			...(functions.Functions ?? []).map(({ FunctionName = '' }) => FunctionName),
			// CloudFormation names a secret only after its logical id.
			...(kept.SecretList ?? []).map(({ Name = '' }) => Name),
		];
		return names.filter((name) => ofTheStack.test(name)).sort();
	} finally {
		for (const client of [dynamodb, s3, sqs, lambda, secrets]) client.destroy();
	}
}
