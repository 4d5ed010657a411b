import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { callLimits } from './call-limits.ts';

/**
 * A call to DynamoDB takes a few milliseconds; 500 are a hundred times that. After two tries there is time left to read from S3
 * within the staleness bound.
 */
export function createDynamoDbClient(): DynamoDBClient {
	return new DynamoDBClient(callLimits(500));
}
