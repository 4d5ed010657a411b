import type { IncomingMessage, ServerResponse } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { type Listener, listen } from '../system/listen.ts';
import { localAccount } from '../system/local-account.ts';
import { forOwnMachine } from '../system/own-machine.ts';
import { readBody, replayed } from '../system/request-body.ts';
import './dynalite-failed-conditions.ts';
import { createTables, type DynamoDBTables } from './dynamodb-tables.ts';
import {
	admitCall,
	type FaultAnswers,
	operationOf,
	type ServiceAnswer,
	type ServiceConditions,
	type ServiceName,
	send,
} from './faults.ts';

/**
 * Starts DynamoDB in this process, in memory, with the control table and the repository's table.
 * The faults set for the service `control` apply to calls of the control table, and those set for
 * `dynamodb` to all other calls. Dynalite supports no TTL and no transactions.
 */
export async function startEmbeddedDynamoDB(tables: DynamoDBTables, conditions: ServiceConditions): Promise<Listener> {
	const server = dynalite({ createTableMs: 0 });
	const answer = server.listeners('request')[0] as (request: IncomingMessage, response: ServerResponse) => void;
	server.removeAllListeners('request');

	let hasTables = false;
	server.on('request', async (request, response) => {
		const read = await readBody(request, requestBytesMax);
		if (read.kind === 'aborted') return;
		if (read.kind === 'too-large') return send(response, tooLarge);
		// The region itself creates the tables. No latency or fault may affect that, and no count
		// may show it.
		if (hasTables) {
			const condition = conditions.called(dynamoDbServiceOf(read.body, tables), operationOf(request));
			if (!(await admitCall(condition, response, dynamoDbFaultAnswers))) return;
		}
		answer(replayed(request, read.body), response);
	});

	const listener = await listen(conditions.connections.watch(forOwnMachine(server)));
	await createTablesAt(listener.url, tables);
	hasTables = true;
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

/** The service whose condition applies to a request. It depends on the request's table. */
export function dynamoDbServiceOf(body: Buffer, tables: DynamoDBTables): ServiceName {
	return tableNamesOf(body).includes(tables.controlTable) ? 'control' : 'dynamodb';
}

function tableNamesOf(body: Buffer): readonly string[] {
	try {
		const request: { TableName?: unknown; RequestItems?: object } = JSON.parse(body.toString());
		if (typeof request.TableName === 'string') return [request.TableName];
		return Object.keys(request.RequestItems ?? {});
	} catch {
		return []; // dynalite answers with the error.
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
