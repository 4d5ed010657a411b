import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { startEmbeddedDynamoDB } from '../../../local/services/embedded-dynamodb.ts';
import { startEmbeddedS3 } from '../../../local/services/embedded-s3.ts';
import { startEmbeddedSqs } from '../../../local/services/embedded-sqs.ts';
import { createServiceConditions, type ServiceConditions } from '../../../local/services/faults.ts';
import type { Listener } from '../../../local/system/listen.ts';
import { localAccount } from '../../../local/system/local-account.ts';
import {
	clientLimits,
	deliveriesMax,
	nobodysEndpoint,
	type TestedDynamoDb,
	type TestedS3,
	type TestedService,
	type TestedSqs,
	testedService,
	visibilitySeconds,
} from './tested-service.ts';

const tables = { controlTable: 'control', sessionTable: 'sessions' };
const bucket = 'sessions';

/** Embedded services answer within milliseconds. This leaves room for a busy machine. */
const patientMs = 5_000;

/** Two deliveries, the delay between them, and room for a busy machine. */
const queuePatienceMs = 15_000;

export async function embeddedDynamoDb(): Promise<TestedDynamoDb> {
	const conditions = createServiceConditions();
	const listener = await startEmbeddedDynamoDB(tables, conditions);
	return { ...embedded(listener, conditions, (settings) => new DynamoDBClient(settings)), ...tables };
}

export async function embeddedS3(): Promise<TestedS3> {
	const conditions = createServiceConditions();
	const listener = await startEmbeddedS3(bucket, conditions);
	return {
		...embedded(listener, conditions, (settings) => new S3Client({ ...settings, forcePathStyle: true })),
		bucket,
	};
}

export async function embeddedSqs(): Promise<TestedSqs> {
	const conditions = createServiceConditions();
	const settings = { name: 'repairs', deadLetterName: 'repairs-dead', deliveriesMax, visibilitySeconds };
	const { queueUrl, deadLetterUrl, counts, ...listener } = await startEmbeddedSqs(settings, conditions);
	return {
		...embedded(listener, conditions, (client) => new SQSClient(client)),
		queueUrl,
		deadLetterUrl,
		counts,
		patienceMs: queuePatienceMs,
	};
}

function embedded<Client extends { destroy(): void }>(
	listener: Listener,
	conditions: ServiceConditions,
	create: (settings: ReturnType<typeof settingsOf>) => Client,
): TestedService<Client> {
	return testedService(conditions, {
		service: (timeoutMs) => create(settingsOf(listener.url, timeoutMs)),
		nobody: () => create(settingsOf(nobodysEndpoint, patientMs)),
		patientMs,
		close: listener.close,
	});
}

function settingsOf(endpoint: string, timeoutMs: number) {
	return { endpoint, ...localAccount, ...clientLimits(timeoutMs) };
}
