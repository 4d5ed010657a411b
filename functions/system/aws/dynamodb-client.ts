import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { callLimits } from './call-limits.ts';

/** A call to DynamoDB takes a few milliseconds; 800 are a hundred times that. */
export function createDynamoDbClient(): DynamoDBClient {
	return new DynamoDBClient(callLimits(800));
}
