import type { IncomingMessage, ServerResponse } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { createTables, type DynamoDBTables } from './dynamodb-tables.ts';
import './failed-condition-items.ts';
import { type Listener, listen } from '../system/listen.ts';
import { localAccount } from '../system/local-account.ts';
import { readBody, replayed } from '../system/request-body.ts';
import type { ServiceConditions, ServiceName } from './service-conditions.ts';
import { targetOf } from './target-of.ts';
import { type FaultAnswers, type ServiceAnswer, send, underCondition } from './under-condition.ts';

/**
 * DynamoDB in this process, in memory, with the control table and the repository's table.
 * Calls for the control table are under the condition of `control`, all others under that of `dynamodb`.
 * Nothing is collected by TTL, and there are no transactions: dynalite has neither.
 */
export async function startEmbeddedDynamoDB(tables: DynamoDBTables, conditions: ServiceConditions): Promise<Listener> {
	const server = dynalite({ createTableMs: 0 });
	const answer = server.listeners('request')[0] as (request: IncomingMessage, response: ServerResponse) => void;
	server.removeAllListeners('request');

	let admitted = false;
	server.on('request', async (request, response) => {
		const read = await readBody(request, requestBytesMax);
		if (read.outcome === 'aborted') return;
		if (read.outcome === 'too-large') return send(response, tooLarge);
		// Making the tables is the region's doing, and nothing that a latency or a fault should hold up or a count show.
		if (admitted) {
			const service = dynamoDbServiceOf(read.body, tables);
			if (!(await underCondition(conditions.called(service, targetOf(request)), response, dynamoDbFaultAnswers)))
				return;
		}
		answer(replayed(request, read.body), response);
	});

	const listener = await listen(server);
	await createTablesAt(listener.url, tables);
	admitted = true;
	return listener;
}

/** DynamoDB's own limit for a request. */
const requestBytesMax = 16 * 1024 * 1024;

const json = { 'content-type': 'application/x-amz-json-1.0' };
const failure = (status: number, type: string, message: string): ServiceAnswer => ({
	status,
	headers: json,
	body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message }),
});
const tooLarge = failure(413, 'ValidationException', 'Request must be smaller than 16 MB');
export const dynamoDbFaultAnswers: FaultAnswers = {
	error: failure(500, 'InternalServerError', 'Internal server error'),
	throttle: failure(
		400,
		'ProvisionedThroughputExceededException',
		'The level of configured provisioned throughput for the table was exceeded.',
	),
};

/** The service whose condition a request is under, which is a matter of its table. */
export function dynamoDbServiceOf(body: Buffer, tables: DynamoDBTables): ServiceName {
	return tableNamesOf(body).includes(tables.controlTable) ? 'control' : 'dynamodb';
}

function tableNamesOf(body: Buffer): readonly string[] {
	try {
		const request: { TableName?: unknown; RequestItems?: object } = JSON.parse(body.toString());
		if (typeof request.TableName === 'string') return [request.TableName];
		return Object.keys(request.RequestItems ?? {});
	} catch {
		return []; // dynalite says what is wrong with it.
	}
}

async function createTablesAt(endpoint: string, tables: DynamoDBTables): Promise<void> {
	const client = new DynamoDBClient({ endpoint, ...localAccount });
	try {
		await createTables(client, tables);
	} finally {
		client.destroy();
	}
}
