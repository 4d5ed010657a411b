import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { controlTableSchema } from '../../functions/control-table/schema.ts';
import { sessionTableSchema } from '../../functions/repositories/dynamodb/schema.ts';

export interface DynamoDBTables {
	readonly controlTable: string;
	readonly sessionTable: string;
}

/**
 * Creates the control table and the repository's table where no stack does. On AWS, tables take a
 * while to become active.
 */
export async function createTables(client: DynamoDBClient, tables: DynamoDBTables): Promise<void> {
	for (const [name, { partitionKey, sortKey }] of [
		[tables.controlTable, controlTableSchema],
		[tables.sessionTable, sessionTableSchema],
	] as const)
		await createTable(client, name, [partitionKey, sortKey]);
}

async function createTable(client: DynamoDBClient, name: string, keys: readonly string[]): Promise<void> {
	await client.send(
		new CreateTableCommand({
			TableName: name,
			BillingMode: 'PAY_PER_REQUEST',
			AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' })),
			KeySchema: keys.map((key, index) => ({ AttributeName: key, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
		}),
	);
}
