import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { controlTableTryMs } from '../time-budget.ts';
import { callLimits } from './call-limits.ts';

/** A client for the control table and for the repository, which answers as fast. */
export function createDynamoDbClient(): DynamoDBClient {
	return new DynamoDBClient(callLimits(controlTableTryMs));
}

/** A client with the connections of another one. It tries each call once. */
export function withoutRetries({ config }: DynamoDBClient): DynamoDBClient {
	return new DynamoDBClient({ maxAttempts: 1, requestHandler: config.requestHandler });
}
