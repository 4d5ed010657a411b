import { DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createTables, type DynamoDBTables } from '../../../local/services/dynamodb-tables.ts';
import {
	dynamoDbFaultAnswers,
	dynamoDbServiceOf,
	startEmbeddedDynamoDB,
} from '../../../local/services/embedded-dynamodb.ts';
import { createServiceConditions, operationOf } from '../../../local/services/faults.ts';
import { embeddedService } from './embedded-engine.ts';
import type { EngineAccess } from './engine-access.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { disposable, engineSettings, freshName, lastStep, remoteService } from './remote-engine.ts';
import type { TestedService } from './tested-service.ts';

export interface TestedDynamoDb extends TestedService<DynamoDBClient>, DynamoDBTables {}

/** Starts DynamoDB with an empty control table and an empty session table. */
export async function startDynamoDb(): Promise<TestedDynamoDb> {
	const engine = inject('engine');
	return engine === undefined ? embeddedDynamoDb() : remoteDynamoDb(engine);
}

async function embeddedDynamoDb(): Promise<TestedDynamoDb> {
	const tables = { controlTable: 'control', sessionTable: 'sessions' };
	const conditions = createServiceConditions();
	const listener = await startEmbeddedDynamoDB(tables, conditions);
	return { ...embeddedService(listener, conditions, (settings) => new DynamoDBClient(settings)), ...tables };
}

async function remoteDynamoDb(engine: EngineAccess): Promise<TestedDynamoDb> {
	const tables = { controlTable: freshName(engine, 'control'), sessionTable: freshName(engine, 'sessions') };
	using direct = disposable(new DynamoDBClient(engineSettings(engine)));
	await createTables(direct.client, tables);
	for (const TableName of Object.values(tables))
		await waitUntilTableExists({ client: direct.client, minDelay: 1, maxDelay: 2, maxWaitTime: 120 }, { TableName });

	const conditions = createServiceConditions();
	const proxy = await startFaultProxy({
		endpoint: engine.endpoint,
		called: (request, body) => conditions.called(dynamoDbServiceOf(body, tables), operationOf(request)),
		answers: dynamoDbFaultAnswers,
	});
	const service = remoteService(engine, conditions, proxy, (settings, via) => {
		const client = new DynamoDBClient(settings);
		if (via) client.middlewareStack.add((next) => (call) => next({ ...call, request: via(call.request) }), lastStep);
		return client;
	});
	return { ...service, ...tables };
}
