import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReportFailedCall } from '../failed-calls.ts';

type Client = DynamoDBClient | LambdaClient | S3Client | SecretsManagerClient | SQSClient;

/**
 * Returns the client, which from now on reports each call that failed after its last try, and each
 * function that was invoked and failed. A write whose condition does not hold and an object that
 * does not exist are answers, and no failures.
 */
export function reportFailedCalls<Reporting extends Client>(client: Reporting, report: ReportFailedCall): Reporting {
	// The clients' stacks differ in the types of inputs and outputs alone.
	const { middlewareStack } = client as DynamoDBClient;
	middlewareStack.add(
		(next, { clientName = '', commandName = '' }) =>
			async (input) => {
				const callee = clientName.replace(/Client$/, '');
				const operation = commandName.replace(/Command$/, '');
				try {
					const answer = await next(input);
					const error = functionErrorOf(answer.output);
					if (error !== undefined) report({ callee, operation, error });
					return answer;
				} catch (error) {
					if (!isAnswer(error)) report({ callee, operation, error });
					throw error;
				}
			},
		{ step: 'initialize', priority: 'high', name: 'reportFailedCalls' },
	);
	return client;
}

/**
 * Lambda answers 200 if it has invoked a function that failed. The error's name is as in
 * `Unhandled Sandbox.Timedout`. Its message is left out: the function may have put anything into
 * it.
 */
function functionErrorOf(output: object): object | undefined {
	const { FunctionError, Payload, $metadata } = output as Partial<InvokeCommandOutput>;
	if (FunctionError === undefined) return undefined;
	const type = /"errorType":"([\w.]{1,40})"/.exec(Payload?.transformToString() ?? '')?.[1];
	return { name: [FunctionError, type].join(' ').trimEnd(), $metadata };
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
