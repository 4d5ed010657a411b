import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { deliveriesMax } from '../../functions/repair/retries.ts';
import { startEmbeddedDynamoDB } from '../../local/embedded-dynamodb.ts';
import { startEmbeddedS3 } from '../../local/embedded-s3.ts';
import { type EmbeddedSqs, startEmbeddedSqs } from '../../local/embedded-sqs.ts';
import { createServiceConditions, type Fault, type ServiceName } from '../../local/service-conditions.ts';

export const controlTable = 'control';
export const sessionTable = 'sessions';
export const sessionBucket = 'sessions';

/** An embedded service, with clients that share nothing but the service. */
export interface EmbeddedService<Client> {
	client(timeoutMs?: number): Client;
	/** A client of an endpoint at which nobody listens. */
	clientOfNobody(): Client;
	/** Runs `work` while every call of the service `name` meets `fault`. */
	during<Result>(name: ServiceName, fault: Fault, work: () => Promise<Result>): Promise<Result>;
	/** How often an operation was called so far. */
	calls(name: ServiceName, operation: string): number;
	close(): Promise<void>;
}

/** Embedded services answer within milliseconds; this leaves room for a busy machine. */
const patientMs = 5_000;

export async function embeddedDynamoDb(): Promise<EmbeddedService<DynamoDBClient>> {
	const conditions = createServiceConditions();
	const listener = await startEmbeddedDynamoDB({ controlTable, sessionTable }, conditions);
	return embedded(listener, conditions, (settings) => new DynamoDBClient(settings));
}

export async function embeddedS3(): Promise<EmbeddedService<S3Client>> {
	const conditions = createServiceConditions();
	const listener = await startEmbeddedS3(sessionBucket, conditions);
	return embedded(listener, conditions, (settings) => new S3Client({ ...settings, forcePathStyle: true }));
}

export interface EmbeddedQueue extends EmbeddedService<SQSClient> {
	readonly sqs: EmbeddedSqs;
}

export async function embeddedSqs(): Promise<EmbeddedQueue> {
	const conditions = createServiceConditions();
	const settings = { name: 'repairs', deadLetterName: 'repairs-dead', deliveriesMax, visibilitySeconds: 1 };
	const sqs = await startEmbeddedSqs(settings, conditions);
	return { ...embedded(sqs, conditions, (client) => new SQSClient(client)), sqs };
}

function embedded<Client extends { destroy(): void }>(
	listener: { readonly url: string; close(): Promise<void> },
	conditions: ReturnType<typeof createServiceConditions>,
	create: (settings: ReturnType<typeof settingsOf>) => Client,
): EmbeddedService<Client> {
	const clients: Client[] = [];
	function open(endpoint: string, timeoutMs: number): Client {
		const client = create(settingsOf(endpoint, timeoutMs));
		clients.push(client);
		return client;
	}
	return {
		client: (timeoutMs = patientMs) => open(listener.url, timeoutMs),
		clientOfNobody: () => open('http://127.0.0.1:1', patientMs),
		during: async (name, fault, work) => {
			conditions.set(name, { fault });
			try {
				return await work();
			} finally {
				conditions.set(name, { fault: 'none' });
			}
		},
		calls: (name, operation) => conditions.report()[name].calls[operation] ?? 0,
		close: async () => {
			for (const client of clients) client.destroy();
			await listener.close();
		},
	};
}

function settingsOf(endpoint: string, requestTimeout: number) {
	return {
		endpoint,
		region: 'us-east-1',
		credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
		maxAttempts: 1,
		requestHandler: { connectionTimeout: 1_000, requestTimeout, throwOnRequestTimeout: true },
	};
}
