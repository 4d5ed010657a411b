import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBTables } from '../../../local/services/dynamodb-tables.ts';
import type { QueueCounts } from '../../../local/services/embedded-sqs.ts';
import type { Fault, ServiceConditions, ServiceName } from '../../../local/services/faults.ts';

/** A service of whichever engine, with clients that share nothing but the service. What it holds is the test's own. */
export interface TestedService<Client> {
	client(timeoutMs?: number): Client;
	/** A client of an endpoint at which nobody listens. */
	clientOfNobody(): Client;
	/** A client whose credentials the service does not know. Only where the service looks at credentials. */
	readonly clientOfStranger: (() => Client) | undefined;
	/** Runs `work` while every call of the service `name` meets `fault`. */
	during<Result>(name: ServiceName, fault: Fault, work: () => Promise<Result>): Promise<Result>;
	/** How often an operation was called so far. */
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
	/** Looks past the service's condition. */
	counts(): Promise<QueueCounts>;
	/** For how long `counts` may be behind, and a delivery that is due be late. */
	readonly patienceMs: number;
}

/** How often the queue delivers a message before it gives it up by itself. */
export const deliveriesMax = 3;

/** Soon enough for tests to wait for the next delivery. */
export const visibilitySeconds = 1;

interface Opening<Client> {
	/** Where the service's conditions hold. */
	readonly service: (timeoutMs: number) => Client;
	readonly nobody: () => Client;
	readonly stranger?: () => Client;
	/** How long a client waits for an answer unless it is told. */
	readonly patientMs: number;
	readonly close: () => Promise<void>;
}

/** A service from the ways to open a client of it. Its clients end with it. */
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

/** What a test's client is made with, beside where it finds its service: one attempt, so that every call is counted once. */
export function clientLimits(requestTimeout: number) {
	return {
		maxAttempts: 1,
		requestHandler: { connectionTimeout: 1_000, requestTimeout, throwOnRequestTimeout: true },
	};
}

/** Nobody listens on this port of one's own machine. */
export const nobodysEndpoint = 'http://127.0.0.1:1';
