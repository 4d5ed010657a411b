import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import connect from 'connect-dynamodb';
import session from 'express-session';
import { expressFunction } from './express-app.ts';
import { peerTable } from './peer-table.ts';

const DynamoDBStore = connect(session);

/** Without `initialized` the store would look for its table with each cold start. */
export const handler = expressFunction(
	new DynamoDBStore({ client: new DynamoDBClient({}), table: peerTable, hashKey: 'id', initialized: true }),
);
