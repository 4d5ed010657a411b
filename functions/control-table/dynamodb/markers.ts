import { type AttributeValue, type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import type { Marker, Markers } from '../markers.ts';
import { reach, wrote } from './call.ts';

/**
 * A marker stays for a day after its session has expired, by whatever clock. From then on, every
 * record of the session says that it is over, however old the record is.
 */
const keptForSeconds = 86_400;

/**
 * Markers as items of the control table, a partition for each session. Ids are random, so the load
 * of looks is spread.
 *
 * @param lookClient a client that tries a call once. A reader without an answer asks every
 * repository, which is better than another call to a table that is in trouble.
 */
export function createDynamoDbMarkers(
	client: DynamoDBClient,
	tableName: string,
	lookClient: DynamoDBClient = client,
): Markers {
	async function open(
		id: SessionId,
		missing: RepositoryName,
		{ openedAtMs, expiresAtMs }: Parameters<Markers['open']>[2],
	): Promise<void> {
		const ttl = expiresAtMs === undefined ? undefined : Math.ceil(expiresAtMs / 1_000) + keptForSeconds;
		await reach(
			client.send(
				new UpdateItemCommand({
					TableName: tableName,
					Key: keyOf(id, missing),
					UpdateExpression: `SET #state = :open, openedAtMs = :at${ttl === undefined ? '' : ', #ttl = :ttl'} ADD #version :one`,
					ExpressionAttributeNames: { '#state': 'state', '#version': 'version', ...(ttl && { '#ttl': 'ttl' }) },
					ExpressionAttributeValues: {
						':open': { S: 'open' },
						':at': number(openedAtMs),
						':one': number(1),
						...(ttl && { ':ttl': number(ttl) }),
					},
				}),
			),
		);
	}

	return {
		open: async (id, missing, at) => {
			await Promise.all(missing.map((name) => open(id, name, at)));
		},
		look: async (id) => {
			const { Items = [] } = await reach(
				lookClient.send(
					new QueryCommand({
						TableName: tableName,
						ConsistentRead: true,
						KeyConditionExpression: 'pk = :pk',
						ExpressionAttributeValues: { ':pk': { S: partitionOf(id) } },
					}),
				),
			);
			return new Map(Items.map((item) => [item['sk']?.S as RepositoryName, markerOf(item)]));
		},
		settle: async (id, missing, version) => {
			const settled = await wrote(
				client.send(
					new UpdateItemCommand({
						TableName: tableName,
						Key: keyOf(id, missing),
						UpdateExpression: 'SET #state = :settled',
						ConditionExpression: '#version = :seen',
						ExpressionAttributeNames: { '#state': 'state', '#version': 'version' },
						ExpressionAttributeValues: { ':settled': { S: 'settled' }, ':seen': number(version) },
					}),
				),
			);
			return settled ? 'settled' : 'conflict';
		},
	};
}

function partitionOf(id: SessionId): string {
	return `missed#${id}`;
}

function keyOf(id: SessionId, missing: RepositoryName): Record<'pk' | 'sk', AttributeValue> {
	return { pk: { S: partitionOf(id) }, sk: { S: missing } };
}

/**
 * A state that this version does not know counts as open. That costs reads but breaks no promise.
 */
function markerOf(item: Record<string, AttributeValue>): Marker {
	return {
		state: item['state']?.S === 'settled' ? 'settled' : 'open',
		version: Number(item['version']?.N ?? 0),
		openedAtMs: Number(item['openedAtMs']?.N ?? 0),
	};
}

function number(value: number): AttributeValue {
	return { N: String(value) };
}
