import { randomBytes } from 'node:crypto';
import {
	DeleteItemCommand,
	DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { sessionSeconds } from '../session-seconds.ts';
import { attributesOf, bearerOf, type PeerRequest, peerFunction, refused } from './peer.ts';
import { peerTable } from './peer-table.ts';

const client = new DynamoDBClient({});
const key = (id: string) => ({ TableName: peerTable, Key: { id: { S: id } } });
const keyOf = (request: PeerRequest) => key(bearerOf(request));

/** One strongly consistent read for each request, as a team would write it. */
export const handler = peerFunction({
	async login(user) {
		const token = randomBytes(16).toString('base64url');
		const { scope, assurance, nickname } = attributesOf(user);
		const Item = {
			id: { S: token },
			user: { S: user },
			scope: { S: scope },
			assurance: { N: String(assurance) },
			nickname: { S: nickname },
			expires: { N: String(Math.floor(Date.now() / 1_000) + sessionSeconds) },
		};
		await client.send(new PutItemCommand({ TableName: peerTable, Item }));
		return { status: 201, token };
	},
	async decide(request) {
		const { Item } = await client.send(new GetItemCommand({ ...keyOf(request), ConsistentRead: true }));
		if (Item === undefined || Number(Item['expires']?.N) * 1_000 < Date.now()) return refused;
		return { status: 204, headers: { 'x-user': String(Item['user']?.S) } };
	},
	async change(request, nickname) {
		await client.send(
			new UpdateItemCommand({
				...keyOf(request),
				UpdateExpression: 'SET nickname = :nickname',
				ConditionExpression: 'attribute_exists(id)',
				ExpressionAttributeValues: { ':nickname': { S: nickname } },
			}),
		);
		return { status: 204 };
	},
	async logout(request) {
		await client.send(new DeleteItemCommand(keyOf(request)));
		return { status: 204 };
	},
});
