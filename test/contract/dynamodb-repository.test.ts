import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbRepository } from '../../functions/repositories/dynamodb-repository.ts';
import { itemKey, sessionItemKey } from '../../functions/repositories/session-table.ts';
import { outagesOf } from '../support/outages.ts';
import { startDynamoDb } from '../support/start-service.ts';
import { type RemoteRepositoryBed, remoteRepositoryContract } from './remote-repository-contract.ts';
import { repositoryContract } from './repository-contract.ts';

repositoryContract('DynamoDB', createBed);
remoteRepositoryContract('DynamoDB', createBed);

async function createBed(): Promise<RemoteRepositoryBed> {
	const service = await startDynamoDb();
	const { sessionTable } = service;
	const raw = service.client();
	const recordAt = async (Key: ReturnType<typeof itemKey>) => {
		const { Item } = await raw.send(new GetItemCommand({ TableName: sessionTable, Key, ConsistentRead: true }));
		return Item?.['record']?.S ?? 'nothing';
	};
	return {
		open: () => createDynamoDbRepository(service.client(), sessionTable),
		storeRaw: async (id, text) => {
			const Item = { ...sessionItemKey(id), record: { S: text }, revision: { N: '1' } };
			await raw.send(new PutItemCommand({ TableName: sessionTable, Item }));
		},
		readRaw: (id) => recordAt(sessionItemKey(id)),
		readQuarantined: (id) => recordAt(itemKey('~quarantine', id)),
		writes: () => service.calls('dynamodb', 'PutItem'),
		outages: outagesOf(service, 'dynamodb', sessionTable, createDynamoDbRepository),
		close: service.close,
	};
}
