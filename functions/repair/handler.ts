import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createDynamoDbRepository } from '../repositories/dynamodb-repository.ts';
import type { Repository } from '../repositories/repository.ts';
import { createS3Repository } from '../repositories/s3-repository.ts';
import { createDynamoDbClient } from '../system/aws/dynamodb-client.ts';
import { createS3Client } from '../system/aws/s3-client.ts';
import { systemClock } from '../system/clock.ts';
import { consoleLog } from '../system/log.ts';
import { parseRepairEnvironment } from './environment.ts';
import { repairRecords } from './repair-records.ts';

/** The repair function, which the repair queue invokes. Its event source has to report failures by item. */
const repositories = createRepositoriesFromEnvironment();

export function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
	return repairRecords(repositories, Records, consoleLog);
}

function createRepositoriesFromEnvironment(): readonly Repository[] {
	const { sessionTable, sessionBucket } = parseRepairEnvironment(process.env);
	return [
		createDynamoDbRepository(createDynamoDbClient(), sessionTable, systemClock),
		createS3Repository(createS3Client(process.env), sessionBucket),
	];
}
