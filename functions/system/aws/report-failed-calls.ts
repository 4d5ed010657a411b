import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReportFailedCall } from '../failed-calls.ts';

type Client = DynamoDBClient | LambdaClient | S3Client | SecretsManagerClient | SQSClient;

/**
 * Returns the client, which from now on reports each call that failed after its last try. A write
 * whose condition does not hold and an object that does not exist are answers, and no failures.
 */
export function reportFailedCalls<Reporting extends Client>(client: Reporting, report: ReportFailedCall): Reporting {
	// The clients' stacks differ in the types of inputs and outputs alone.
	const { middlewareStack } = client as DynamoDBClient;
	middlewareStack.add(
		(next, { clientName = '', commandName = '' }) =>
			async (input) => {
				try {
					return await next(input);
				} catch (error) {
					const callee = clientName.replace(/Client$/, '');
					if (!isAnswer(error)) report({ callee, operation: commandName.replace(/Command$/, ''), error });
					throw error;
				}
			},
		{ step: 'initialize', priority: 'high', name: 'reportFailedCalls' },
	);
	return client;
}

const answers: ReadonlySet<string> = new Set([
	'ConditionalCheckFailedException',
	'ConditionalRequestConflict',
	'NoSuchKey',
	'NotFound',
	'PreconditionFailed',
]);

function isAnswer(error: unknown): boolean {
	return error instanceof Error && answers.has(error.name);
}
