import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { startEmbeddedDynamoDB } from '../../local/services/embedded-dynamodb.ts';
import { startEmbeddedS3 } from '../../local/services/embedded-s3.ts';
import { createServiceConditions } from '../../local/services/faults.ts';
import { localAccount } from '../../local/system/local-account.ts';

export const tables = { controlTable: 'control', sessionTable: 'sessions' };
export const bucket = 'sessions';

/** DynamoDB and S3 in this process, each with a client. */
export interface Services {
	readonly dynamoDb: DynamoDBClient;
	readonly s3: S3Client;
	close(): Promise<void>;
}

export async function startServices(): Promise<Services> {
	const conditions = createServiceConditions();
	const dynamoDbService = await startEmbeddedDynamoDB(tables, conditions);
	const s3Service = await startEmbeddedS3(bucket, conditions);
	const dynamoDb = new DynamoDBClient({ endpoint: dynamoDbService.url, ...localAccount });
	const s3 = new S3Client({ endpoint: s3Service.url, forcePathStyle: true, ...localAccount });
	return {
		dynamoDb,
		s3,
		close: async () => {
			dynamoDb.destroy();
			s3.destroy();
			await dynamoDbService.close();
			await s3Service.close();
		},
	};
}
