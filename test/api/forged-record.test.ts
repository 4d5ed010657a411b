import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeRecord } from '../../functions/repositories/record.ts';
import { sessionKeyOf } from '../../functions/repositories/s3/object.ts';
import type { Session, SessionId } from '../../functions/session/session.ts';
import { sessionBucket, tables } from '../../local/lambda/function-variables.ts';
import { localAccount } from '../../local/system/local-account.ts';
import { type RegionClient, startRegionClient } from './region-client.ts';

/*
 * Somebody who can write to one store, and to nothing else, changes a record there.
 */

let client: RegionClient;
let dynamoDb: DynamoDBClient;
let s3: S3Client;

beforeEach(async () => {
	client = await startRegionClient({
		services: [{ name: 'profile' }, { name: 'admin', allScopes: ['admin'] }, { name: 'strong', minAssurance: 2 }],
	});
	const { endpoints } = client.region;
	dynamoDb = new DynamoDBClient({ endpoint: endpoints.dynamodb, ...localAccount });
	s3 = new S3Client({ endpoint: endpoints.s3, forcePathStyle: true, ...localAccount });
});
afterEach(() => client.region.stop());

const itemKey = (id: SessionId) => ({ pk: { S: id }, sk: { S: 'session' } });

interface Store {
	read(id: SessionId): Promise<Session>;
	write(session: Session): Promise<void>;
}

/** Each store, as the attacker reaches it. */
const stores: Readonly<Record<'dynamodb' | 's3', Store>> = {
	dynamodb: {
		read: async (id) => {
			const { Item } = await dynamoDb.send(
				new GetItemCommand({ TableName: tables.sessionTable, Key: itemKey(id), ConsistentRead: true }),
			);
			return decodeRecord(Item?.['record']?.S ?? '');
		},
		write: async (session) => {
			await dynamoDb.send(
				new UpdateItemCommand({
					TableName: tables.sessionTable,
					Key: itemKey(session.id),
					UpdateExpression: 'SET #record = :record, subject = :subject',
					ExpressionAttributeNames: { '#record': 'record' },
					ExpressionAttributeValues: { ':record': { S: JSON.stringify(session) }, ':subject': { S: session.subject } },
				}),
			);
		},
	},
	s3: {
		read: async (id) => {
			const { Body } = await s3.send(new GetObjectCommand({ Bucket: sessionBucket, Key: sessionKeyOf(id) }));
			return decodeRecord((await Body?.transformToByteArray()) ?? '');
		},
		write: async (session) => {
			const body = { Body: JSON.stringify(session), ContentType: 'application/json' };
			await s3.send(new PutObjectCommand({ Bucket: sessionBucket, Key: sessionKeyOf(session.id), ...body }));
		},
	},
};

const forgeries: Readonly<Record<string, (session: Session) => Session>> = {
	'raises the assurance and adds a scope': (session) => ({
		...session,
		credential: { ...session.credential, generation: 2, assuranceLevel: 3, scopes: ['admin', 'billing:read'] },
	}),
	'changes the subject': (session) => ({ ...session, subject: 'local:root' }),
};

describe.each(['dynamodb', 's3'] as const)('somebody who can write to %s alone', (name) => {
	test.each(Object.keys(forgeries))(
		'and %s gets nothing, the session is served from the other store, and the record is repaired',
		async (what) => {
			const token = await client.login();
			const before = (await client.call('GET', '/v1/session', { token })).json;
			const id = before['handle'] as SessionId;
			const genuine = await stores[name].read(id);
			await stores[name].write(forgeries[what]?.(genuine) as Session);
			for (const instance of ['session-server-1', 'session-server-2'])
				await client.control('POST', `/instances/${instance}/kill`, {});

			const served = await client.call('GET', '/v1/authorize?service=profile', { token });
			expect(served.status).toBe(204);
			expect(served.evidence?.receipt?.chosen).toBe(name === 's3' ? 'dynamodb' : 's3');
			const statusAt = async (service: string) =>
				(await client.call('GET', `/v1/authorize?service=${service}`, { token })).status;
			expect(await statusAt('admin')).toBe(403);
			expect(await statusAt('strong')).toBe(403);
			const changed = await client.call('PATCH', '/v1/session', { token, body: { attributes: { theme: 'dark' } } });
			const { assuranceLevel } = before;
			expect(changed).toMatchObject({ status: 200, json: { handle: id, subject: before['subject'], assuranceLevel } });

			const repaired = async () => {
				const { subject, credential, attributes } = await stores[name].read(id);
				return { subject, credential, theme: attributes['theme'] };
			};
			const theme = { value: 'dark' };
			await expect
				.poll(repaired, { timeout: 25_000, interval: 200 })
				.toMatchObject({ subject: genuine.subject, credential: genuine.credential, theme });
			if (name === 's3') {
				const { Contents = [] } = await s3.send(
					new ListObjectsV2Command({ Bucket: sessionBucket, Prefix: `~quarantine/${id}` }),
				);
				expect(Contents).toHaveLength(1);
			}
		},
	);
});
