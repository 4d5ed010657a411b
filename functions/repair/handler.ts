import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createDynamoDbMarkers } from '../control-table/dynamodb/markers.ts';
import { createDynamoDbRepository } from '../repositories/dynamodb/repository.ts';
import { createDynamoDbSubjectIndex } from '../repositories/dynamodb/subject-index.ts';
import { createS3Repository } from '../repositories/s3/repository.ts';
import { withLiveConnections } from '../system/aws/connections.ts';
import { createDynamoDbClient } from '../system/aws/dynamodb-client.ts';
import { reportFailedCalls } from '../system/aws/report-failed-calls.ts';
import { createS3Client } from '../system/aws/s3-client.ts';
import { createSqsClient } from '../system/aws/sqs-client.ts';
import { systemClock } from '../system/clock.ts';
import { createFailedCalls } from '../system/failed-calls.ts';
import { createFunctionMetrics } from '../system/function-metrics.ts';
import { consoleLog } from '../system/log.ts';
import { parseRepairEnvironment } from './deployment/environment.ts';
import { type RepairContext, repairRecords } from './repair-records.ts';
import { createSqsDeliveries } from './sqs-deliveries.ts';
import { waitingAges } from './waiting-ages.ts';

/**
 * The repair function, which the repair queue invokes. Its event source must report batch item
 * failures.
 */
const metrics = createFunctionMetrics(process.env);
const context = createContextFromEnvironment();

export const handler = withLiveConnections(repair);

async function repair({ Records }: SQSEvent): Promise<SQSBatchResponse> {
	const response = await repairRecords(context, Records);
	const retried = response.batchItemFailures.length;
	if (retried > 0) metrics.add('Repairs', { outcome: 'retry' }, retried);
	if (Records.length > retried) metrics.add('Repairs', { outcome: 'repaired' }, Records.length - retried);
	for (const ageMs of waitingAges(Records, response, systemClock.now().wallMs)) metrics.add('RepairAge', {}, ageMs);
	metrics.flush();
	return response;
}

function createContextFromEnvironment(): RepairContext {
	const { controlTable, sessionTable, sessionBucket, repairQueueUrl, deadLetterUrl } = parseRepairEnvironment(
		process.env,
	);
	const report = createFailedCalls(consoleLog, metrics, systemClock);
	const dynamoDb = reportFailedCalls(createDynamoDbClient(), report);
	const s3 = reportFailedCalls(createS3Client(process.env), report);
	const sqs = reportFailedCalls(createSqsClient(), report);
	return {
		repositories: [
			createDynamoDbRepository(dynamoDb, sessionTable, systemClock),
			createS3Repository(s3, sessionBucket),
		],
		subjects: createDynamoDbSubjectIndex(dynamoDb, sessionTable, systemClock, consoleLog),
		markers: createDynamoDbMarkers(dynamoDb, controlTable),
		deliveries: createSqsDeliveries(sqs, repairQueueUrl, deadLetterUrl),
		clock: systemClock,
		log: consoleLog,
	};
}
