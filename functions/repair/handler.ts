import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createDynamoDbRepository } from '../repositories/dynamodb-repository.ts';
import type { Repository } from '../repositories/repository.ts';
import { createS3Repository } from '../repositories/s3-repository.ts';
import { createDynamoDbClient } from '../system/aws/dynamodb-client.ts';
import { createS3Client } from '../system/aws/s3-client.ts';
import { createFunctionMetrics } from '../system/function-metrics.ts';
import { consoleLog } from '../system/log.ts';
import { parseRepairEnvironment } from './environment.ts';
import { repairRecords } from './repair-records.ts';

/** The repair function, which the repair queue invokes. Its event source has to report failures by item. */
const repositories = createRepositoriesFromEnvironment();
const metrics = createFunctionMetrics(process.env);

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
	const response = await repairRecords(repositories, Records, consoleLog);
	const retried = response.batchItemFailures.length;
	if (retried > 0) metrics.add('Repairs', { outcome: 'retry' }, retried);
	if (Records.length > retried) metrics.add('Repairs', { outcome: 'repaired' }, Records.length - retried);
	metrics.flush();
	return response;
}

function createRepositoriesFromEnvironment(): readonly Repository[] {
	const { sessionTable, sessionBucket } = parseRepairEnvironment(process.env);
	return [
		createDynamoDbRepository(createDynamoDbClient(), sessionTable),
		createS3Repository(createS3Client(process.env), sessionBucket),
	];
}
