import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createDynamoDbRepository } from '../repositories/dynamodb-repository.ts';
import { createDynamoDbSubjectIndex } from '../repositories/dynamodb-subject-index.ts';
import { createS3Repository } from '../repositories/s3-repository.ts';
import { createDynamoDbClient } from '../system/aws/dynamodb-client.ts';
import { createS3Client } from '../system/aws/s3-client.ts';
import { systemClock } from '../system/clock.ts';
import { consoleLog } from '../system/log.ts';
import { parseRepairEnvironment } from './environment.ts';
import { repairRecords } from './repair-records.ts';
import type { RepairPorts } from './repair-session.ts';

/** The repair function, which the repair queue invokes. Its event source has to report failures by item. */
const ports = createPortsFromEnvironment();

export function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
	return repairRecords(ports, Records, consoleLog);
}

function createPortsFromEnvironment(): RepairPorts {
	const { sessionTable, sessionBucket } = parseRepairEnvironment(process.env);
	const dynamoDb = createDynamoDbClient();
	return {
		repositories: [
			createDynamoDbRepository(dynamoDb, sessionTable),
			createS3Repository(createS3Client(process.env), sessionBucket),
		],
		subjects: createDynamoDbSubjectIndex(dynamoDb, sessionTable),
		clock: systemClock,
	};
}
