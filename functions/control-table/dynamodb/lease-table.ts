import {
	type AttributeValue,
	type DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	QueryCommand,
	UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { InstanceId } from '../../session/session.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { Lease } from '../lease.ts';
import type { LeaseTable } from '../lease-table.ts';
import { reach, wrote } from './call.ts';

/**
 * Leases are spread over this many partitions by the first character of their id. A partition takes
 * 1,000 writes a second.
 */
const shards = 16;

/**
 * A lease stays for a day after its expiry, so that an operator can look into an incident. Once it
 * is gone, it counts as sealed.
 */
const keptForSeconds = 86_400;

/**
 * An instance has at most two renewals under way, one of them from before a freeze. So a renewal
 * that loses this often is a bug.
 */
const renewAttemptsMax = 4;

/**
 * Each transition of a lease is one write whose condition checks all that the transition depends
 * on.
 */
const conditions = {
	/** Otherwise a repeated request could revive a lease that was sealed in between. */
	isNew: 'attribute_not_exists(pk)',
	/**
	 * A sealed lease stays sealed (I5), and a renewal that arrives late must not move the lease
	 * back.
	 */
	isHeldAndNotLater: 'sealed = :no AND expiresAtMs <= :expiresAtMs AND syncedThroughMs <= :syncedThroughMs',
	/** The holder has not renewed the lease since the sealer read it. */
	isAsSeen: 'sealed = :no AND expiresAtMs = :seen',
} as const;

/** Leases as items of the control table. */
export function createDynamoDbLeaseTable(client: DynamoDBClient, tableName: string): LeaseTable {
	async function read(instanceId: InstanceId): Promise<Lease | undefined> {
		const { Item } = await reach(
			client.send(new GetItemCommand({ TableName: tableName, Key: keyOf(instanceId), ConsistentRead: true })),
		);
		return Item === undefined ? undefined : leaseOf(Item);
	}

	function advance(
		instanceId: InstanceId,
		to: { readonly expiresAtMs: number; readonly syncedThroughMs: number },
	): Promise<boolean> {
		return wrote(
			client.send(
				new UpdateItemCommand({
					TableName: tableName,
					Key: keyOf(instanceId),
					UpdateExpression: 'SET expiresAtMs = :expiresAtMs, syncedThroughMs = :syncedThroughMs, #ttl = :ttl',
					ConditionExpression: conditions.isHeldAndNotLater,
					ExpressionAttributeNames: { '#ttl': 'ttl' },
					ExpressionAttributeValues: {
						':expiresAtMs': number(to.expiresAtMs),
						':syncedThroughMs': number(to.syncedThroughMs),
						':ttl': ttlOf(to.expiresAtMs),
						':no': { BOOL: false },
					},
				}),
			),
		);
	}

	return {
		read,
		acquire: async (instanceId, expiresAtMs) => {
			await wrote(
				client.send(
					new PutItemCommand({
						TableName: tableName,
						Item: {
							...keyOf(instanceId),
							expiresAtMs: number(expiresAtMs),
							sealed: { BOOL: false },
							syncedThroughMs: number(0),
							ttl: ttlOf(expiresAtMs),
						},
						ConditionExpression: conditions.isNew,
					}),
				),
			);
		},
		renew: async (instanceId, expiresAtMs, syncedThroughMs) => {
			let wanted = { expiresAtMs, syncedThroughMs };
			for (let attempt = 0; attempt < renewAttemptsMax; attempt++) {
				if (await advance(instanceId, wanted)) return 'renewed';
				const lease = await read(instanceId);
				if (lease === undefined || lease.sealed) return 'lost';
				// Another renewal by this instance has set a later expiry or a later sync. Keep the
				// later of each.
				wanted = {
					expiresAtMs: Math.max(expiresAtMs, lease.expiresAtMs),
					syncedThroughMs: Math.max(syncedThroughMs, lease.syncedThroughMs),
				};
			}
			throw new Unreachable('control table', new Error('concurrent renewals of the lease kept winning'));
		},
		seal: async (instanceId, seenExpiresAtMs) => {
			const sealed = await wrote(
				client.send(
					new UpdateItemCommand({
						TableName: tableName,
						Key: keyOf(instanceId),
						UpdateExpression: 'SET sealed = :yes',
						ConditionExpression: conditions.isAsSeen,
						ExpressionAttributeValues: {
							':seen': number(seenExpiresAtMs),
							':yes': { BOOL: true },
							':no': { BOOL: false },
						},
					}),
				),
			);
			if (sealed) return 'sealed';
			const lease = await read(instanceId);
			return lease === undefined || lease.sealed ? 'sealed' : 'renewed';
		},
		listUnsealed: async () => {
			const lists = await Promise.all(
				Array.from({ length: shards }, (_, shard) => listShard(client, tableName, shard)),
			);
			return lists.flat();
		},
	};
}

async function listShard(client: DynamoDBClient, tableName: string, shard: number): Promise<Lease[]> {
	const leases: Lease[] = [];
	let from: Record<string, AttributeValue> | undefined;
	do {
		const page = await reach(
			client.send(
				new QueryCommand({
					TableName: tableName,
					ConsistentRead: true,
					KeyConditionExpression: 'pk = :pk',
					FilterExpression: 'sealed = :no',
					ExpressionAttributeValues: { ':pk': { S: `lease#${shard}` }, ':no': { BOOL: false } },
					...(from === undefined ? {} : { ExclusiveStartKey: from }),
				}),
			),
		);
		leases.push(...(page.Items ?? []).map(leaseOf));
		from = page.LastEvaluatedKey;
	} while (from !== undefined);
	return leases;
}

function keyOf(instanceId: InstanceId): Record<'pk' | 'sk', AttributeValue> {
	return { pk: { S: `lease#${instanceId.charCodeAt(0) % shards}` }, sk: { S: instanceId } };
}

function leaseOf(item: Record<string, AttributeValue>): Lease {
	return {
		instanceId: item['sk']?.S as InstanceId,
		expiresAtMs: Number(item['expiresAtMs']?.N),
		sealed: item['sealed']?.BOOL === true,
		syncedThroughMs: Number(item['syncedThroughMs']?.N ?? 0),
	};
}

function number(value: number): AttributeValue {
	return { N: String(value) };
}

function ttlOf(expiresAtMs: number): AttributeValue {
	return number(Math.ceil(expiresAtMs / 1000) + keptForSeconds);
}
