import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBTables } from '../../../local/services/dynamodb-tables.ts';
import type { QueueCounts } from '../../../local/services/embedded-sqs.ts';
import type { Fault, ServiceConditions, ServiceName } from '../../../local/services/faults.ts';

/** A service of any engine. Its clients share only the service, and each test has its own data. */
export interface TestedService<Client> {
	client(timeoutMs?: number): Client;
	/** A client of an endpoint on which nothing listens. */
	clientOfNobody(): Client;
	/** A client with unknown credentials. Absent if the service does not check credentials. */
	readonly clientOfStranger: (() => Client) | undefined;
	/** Runs `work` while every call of the service `name` meets `fault`. */
	during<Result>(name: ServiceName, fault: Fault, work: () => Promise<Result>): Promise<Result>;
	/** How often an operation was called. */
	calls(name: ServiceName, operation: string): number;
	close(): Promise<void>;
}

export interface TestedDynamoDb extends TestedService<DynamoDBClient>, DynamoDBTables {}

export interface TestedS3 extends TestedService<S3Client> {
	readonly bucket: string;
}

export interface TestedSqs extends TestedService<SQSClient> {
	readonly queueUrl: string;
	readonly deadLetterUrl: string;
	/** Reads without the service's faults. */
	counts(): Promise<QueueCounts>;
	/** How long `counts` may be behind, and how late a due delivery may be. */
	readonly patienceMs: number;
}

/** How often the queue delivers a message before it gives the message up by itself. */
export const deliveriesMax = 3;

/** Short enough for tests to wait for the next delivery. */
export const visibilitySeconds = 1;

interface Opening<Client> {
	/** Where the service's conditions hold. */
	readonly service: (timeoutMs: number) => Client;
	readonly nobody: () => Client;
	readonly stranger?: () => Client;
	/** How long a client waits for an answer by default. */
	readonly patientMs: number;
	readonly close: () => Promise<void>;
}

/** Makes a service of functions that open its clients. It closes its clients with itself. */
export function testedService<Client extends { destroy(): void }>(
	conditions: ServiceConditions,
	opening: Opening<Client>,
): TestedService<Client> {
	const clients: Client[] = [];
	const kept = (client: Client): Client => {
		clients.push(client);
		return client;
	};
	const { stranger } = opening;
	return {
		client: (timeoutMs = opening.patientMs) => kept(opening.service(timeoutMs)),
		clientOfNobody: () => kept(opening.nobody()),
		clientOfStranger: stranger && (() => kept(stranger())),
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
			await opening.close();
		},
	};
}

/**
 * Options of a test's client besides its endpoint. It tries each call once, so that calls can be
 * counted.
 */
export function clientLimits(requestTimeout: number) {
	return {
		maxAttempts: 1,
		requestHandler: { connectionTimeout: 1_000, requestTimeout, throwOnRequestTimeout: true },
	};
}

/** Nothing listens on this port of the local machine. */
export const nobodysEndpoint = 'http://127.0.0.1:1';
