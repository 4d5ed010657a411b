import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { controlTableTryMs } from '../time-budget.ts';
import { callLimits } from './call-limits.ts';

/** A client for the control table and for the repository, which answers as fast. */
export function createDynamoDbClient(): DynamoDBClient {
	return new DynamoDBClient(callLimits(controlTableTryMs));
}
