import { createPublicKey } from 'node:crypto';
import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { CopyKeys, PublishedKey } from '../../carried/copy-keys.ts';
import type { Clock } from '../../system/clock.ts';
import { reach, wrote } from './call.ts';

/**
 * A key that was published stays as it is. So a repeated request changes nothing, and one bus
 * cannot replace the key of another.
 */
const isNew = 'attribute_not_exists(pk)';

/** The x of an Ed25519 key's JWK: 32 bytes (RFC 8037 section 2). */
const publicPattern = /^[A-Za-z0-9_-]{43}$/;

/**
 * The keys of carried copies as items of the control table.
 *
 * @param clock tells which keys have expired. DynamoDB may delete an item days after its time.
 */
export function createDynamoDbCopyKeys(client: DynamoDBClient, tableName: string, clock: Pick<Clock, 'now'>): CopyKeys {
	return {
		publish: async ({ id, publicKey, expiresAtMs }) => {
			await wrote(
				client.send(
					new PutItemCommand({
						TableName: tableName,
						Item: {
							...keyOf(id),
							ed25519: { S: publicKey.export({ format: 'jwk' }).x ?? '' },
							expiresAtMs: { N: String(expiresAtMs) },
							ttl: { N: String(Math.ceil(expiresAtMs / 1000)) },
						},
						ConditionExpression: isNew,
					}),
				),
			);
		},
		find: async (id) => {
			const { Item } = await reach(
				client.send(new GetItemCommand({ TableName: tableName, Key: keyOf(id), ConsistentRead: true })),
			);
			const key = Item === undefined ? undefined : publishedKeyOf(id, Item);
			return key === undefined || key.expiresAtMs <= clock.now().wallMs ? undefined : key;
		},
	};
}

function keyOf(id: string): Record<'pk' | 'sk', AttributeValue> {
	return { pk: { S: `copykey#${id}` }, sk: { S: 'key' } };
}

/** `undefined`: a later version has published a key that this one cannot use. */
function publishedKeyOf(id: string, item: Record<string, AttributeValue>): PublishedKey | undefined {
	const x = item['ed25519']?.S ?? '';
	const expiresAtMs = Number(item['expiresAtMs']?.N);
	if (!publicPattern.test(x) || Number.isNaN(expiresAtMs)) return undefined;
	return { id, publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), expiresAtMs };
}
