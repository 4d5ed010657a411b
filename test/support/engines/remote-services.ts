import { randomBytes } from 'node:crypto';
import { DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { type BucketLocationConstraint, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createTables } from '../../../local/services/dynamodb-tables.ts';
import { dynamoDbFaultAnswers, dynamoDbServiceOf } from '../../../local/services/embedded-dynamodb.ts';
import { s3FaultAnswers } from '../../../local/services/embedded-s3.ts';
import { sqsFaultAnswers } from '../../../local/services/embedded-sqs.ts';
import { createServiceConditions, operationOf, type ServiceConditions } from '../../../local/services/faults.ts';
import type { Listener } from '../../../local/system/listen.ts';
import type { EngineAccess } from './engine-access.ts';
import { startFaultProxy, throughProxy } from './fault-proxy.ts';
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

/*
 * Services of an engine that runs elsewhere. The command that started the run removes their tables,
 * buckets and queues.
 */

/** There may be a network in between, and development engines are slow when they are busy. */
const patientMs = 15_000;

/** All deliveries, each with its visibility timeout of a second, and room for a busy machine. */
const queuePatienceMs = 30_000;

/** According to SQS's documentation, its counts may need a minute to become exact. */
const awsQueuePatienceMs = 120_000;

export async function remoteDynamoDb(engine: EngineAccess): Promise<TestedDynamoDb> {
	const tables = { controlTable: freshName(engine, 'control'), sessionTable: freshName(engine, 'sessions') };
	using direct = disposable(new DynamoDBClient(settingsOf(engine)));
	await createTables(direct.client, tables);
	for (const TableName of Object.values(tables))
		await waitUntilTableExists({ client: direct.client, minDelay: 1, maxDelay: 2, maxWaitTime: 120 }, { TableName });

	const conditions = createServiceConditions();
	const proxy = await startFaultProxy({
		endpoint: engine.endpoint,
		called: (request, body) => conditions.called(dynamoDbServiceOf(body, tables), operationOf(request)),
		answers: dynamoDbFaultAnswers,
	});
	const service = remote(engine, conditions, proxy, (settings, via) => {
		const client = new DynamoDBClient(settings);
		if (via) client.middlewareStack.add((next) => (call) => next({ ...call, request: via(call.request) }), lastStep);
		return client;
	});
	return { ...service, ...tables };
}

export async function remoteS3(engine: EngineAccess): Promise<TestedS3> {
	const bucket = freshName(engine, 'sessions');
	// Emulators do not serve a host name for each bucket.
	const forcePathStyle = engine.endpoint !== undefined;
	using direct = disposable(new S3Client({ ...settingsOf(engine), forcePathStyle }));
	const LocationConstraint = engine.region as BucketLocationConstraint;
	// A request must not name the region us-east-1.
	const where = engine.region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
	await direct.client.send(new CreateBucketCommand({ Bucket: bucket, ...where }));

	const conditions = createServiceConditions();
	const proxy = await startFaultProxy({
		endpoint: engine.endpoint,
		called: (request) => conditions.called('s3', String(request.method)),
		answers: s3FaultAnswers,
	});
	const service = remote(engine, conditions, proxy, (settings, via) => {
		const client = new S3Client({ ...settings, forcePathStyle });
		if (via) client.middlewareStack.add((next) => (call) => next({ ...call, request: via(call.request) }), lastStep);
		return client;
	});
	return { ...service, bucket };
}

export async function remoteSqs(engine: EngineAccess): Promise<TestedSqs> {
	// The queue's URL names a host that the machine of the test may not know.
	const useQueueUrlAsEndpoint = false;
	const direct = new SQSClient({ ...settingsOf(engine), useQueueUrlAsEndpoint });
	const create = async (name: string, Attributes: Record<string, string>): Promise<string> => {
		const { QueueUrl } = await direct.send(new CreateQueueCommand({ QueueName: freshName(engine, name), Attributes }));
		if (QueueUrl === undefined) throw new Error(`the queue ${name} was created without a URL`);
		return QueueUrl;
	};
	const attributesOf = async (QueueUrl: string) => {
		const answer = await direct.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
		return answer.Attributes ?? {};
	};
	const deadLetterUrl = await create('repairs-dead', {});
	const deadLetterTargetArn = (await attributesOf(deadLetterUrl)).QueueArn;
	const queueUrl = await create('repairs', {
		VisibilityTimeout: String(visibilitySeconds),
		RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: deliveriesMax }),
	});

	const conditions = createServiceConditions();
	const proxy = await startFaultProxy({
		endpoint: engine.endpoint,
		called: (request) => conditions.called('queue', operationOf(request)),
		answers: sqsFaultAnswers,
	});
	const service = remote(engine, conditions, proxy, (settings, via) => {
		const client = new SQSClient({ ...settings, useQueueUrlAsEndpoint });
		if (via) client.middlewareStack.add((next) => (call) => next({ ...call, request: via(call.request) }), lastStep);
		return client;
	});
	return {
		...service,
		queueUrl,
		deadLetterUrl,
		patienceMs: engine.endpoint === undefined ? awsQueuePatienceMs : queuePatienceMs,
		counts: async () => {
			const [queue, dead] = await Promise.all([attributesOf(queueUrl), attributesOf(deadLetterUrl)]);
			return {
				waiting: Number(queue.ApproximateNumberOfMessages) + Number(queue.ApproximateNumberOfMessagesDelayed),
				inFlight: Number(queue.ApproximateNumberOfMessagesNotVisible),
				dead: Number(dead.ApproximateNumberOfMessages),
			};
		},
		close: async () => {
			direct.destroy();
			await service.close();
		},
	};
}

/** Runs after the request was signed, as the last step before it is sent. */
const lastStep = { step: 'deserialize', priority: 'low', name: 'throughProxy' } as const;

type Settings = ReturnType<typeof settingsOf>;
type Via = <Request>(request: Request) => Request;

function remote<Client extends { destroy(): void }>(
	engine: EngineAccess,
	conditions: ServiceConditions,
	proxy: Listener,
	create: (settings: Settings, via: Via | undefined) => Client,
): TestedService<Client> {
	const via: Via = (request) => throughProxy(request, proxy.url);
	return testedService(conditions, {
		service: (timeoutMs) => create(settingsOf(engine, timeoutMs), via),
		nobody: () =>
			create({ ...settingsOf(engine), endpoint: nobodysEndpoint, credentials: strangersCredentials }, undefined),
		// Only AWS itself checks credentials.
		...(engine.endpoint === undefined
			? { stranger: () => create({ ...settingsOf(engine), credentials: strangersCredentials }, via) }
			: {}),
		patientMs,
		close: proxy.close,
	});
}

const strangersCredentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'nothing' };

function settingsOf(engine: EngineAccess, timeoutMs = patientMs) {
	return {
		region: engine.region,
		...(engine.endpoint === undefined ? {} : { endpoint: engine.endpoint }),
		...(engine.credentials === undefined ? {} : { credentials: engine.credentials }),
		...clientLimits(timeoutMs),
	};
}

function freshName(engine: EngineAccess, what: string): string {
	return `${engine.namePrefix}-${what}-${randomBytes(4).toString('hex')}`;
}

function disposable<Client extends { destroy(): void }>(client: Client) {
	return { client, [Symbol.dispose]: () => client.destroy() };
}
