import {
	type AttributeValue,
	DynamoDBClient,
	GetItemCommand,
	PutItemCommand,
	QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, NoSuchBucket, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createDynamoDbCopyKeys } from '../../../functions/control-table/dynamodb/copy-keys.ts';
import { createDynamoDbFeed } from '../../../functions/control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../../../functions/control-table/dynamodb/lease-table.ts';
import { createDynamoDbMarkers } from '../../../functions/control-table/dynamodb/markers.ts';
import { createDynamoDbTallyCopies } from '../../../functions/control-table/dynamodb/tally-copies.ts';
import { feedOverlapMs, timingDefaults } from '../../../functions/control-table/timing.ts';
import { createDynamoDbRepository } from '../../../functions/repositories/dynamodb/repository.ts';
import { createDynamoDbSubjectIndex } from '../../../functions/repositories/dynamodb/subject-index.ts';
import { createS3Repository } from '../../../functions/repositories/s3/repository.ts';
import { exampleInstanceId, exampleSession, exampleStartMs } from '../../support/example-session.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

/*
 * These mistakes break the adapters on AWS alone. Every emulator in reach always reads strongly
 * consistently, returns small tables in one page, deletes nothing when its time is over, and lets
 * everybody read.
 */

const dynamoDb = mockClient(DynamoDBClient);
const s3 = mockClient(S3Client);
// Files of unit tests share their modules.
afterAll(() => {
	for (const client of [dynamoDb, s3]) client.restore();
});
const client = new DynamoDBClient({});
const session = exampleSession();

beforeEach(() => {
	dynamoDb.reset();
	s3.reset();
	dynamoDb.on(GetItemCommand).resolves({});
	dynamoDb.on(QueryCommand).resolves({ Items: [] });
	dynamoDb.on(PutItemCommand).resolves({});
});

describe('on DynamoDB, every read is strongly consistent', () => {
	const leases = () => createDynamoDbLeaseTable(client, 'control');
	const feed = () => createDynamoDbFeed(client, 'control', { timing: timingDefaults, clock: createSettableClock() });
	const copyKeys = () => createDynamoDbCopyKeys(client, 'control', createSettableClock());
	const repository = () => createDynamoDbRepository(client, 'sessions', createSettableClock());
	const subjects = () => createDynamoDbSubjectIndex(client, 'sessions', createSettableClock(), () => undefined);

	test.each<[string, () => Promise<unknown>]>([
		['of a lease', () => leases().read(exampleInstanceId(1))],
		['of all leases', () => leases().listUnsealed()],
		['of the feed', () => feed().read(exampleStartMs, exampleStartMs + 120_000)],
		['of a key of carried copies', () => copyKeys().find('id')],
		['of a record', () => repository().load(session.id)],
		['of a record before a merge', () => repository().merge(session.id, () => session)],
		['of a corrupt record', () => repository().quarantine(session.id)],
		['of a tally', () => repository().tally.read()],
		['of the copy of a tally', () => createDynamoDbTallyCopies(client, 'control').read('s3')],
		['of the markers of a session', () => createDynamoDbMarkers(client, 'control').look(session.id)],
		["of a subject's entries", () => subjects().read(session.subject)],
		[
			"of a subject's entries before a change",
			() => subjects().change(session.subject, () => ({ outcome: undefined })),
		],
	])('%s', async (_what, read) => {
		await read();
		const calls = dynamoDb.calls().map(({ args: [command] }) => command);
		const reads = calls.filter((command) => !(command instanceof PutItemCommand));
		expect(reads.length).toBeGreaterThan(0);
		for (const command of reads) {
			expect(command instanceof GetItemCommand || command instanceof QueryCommand).toBe(true);
			expect(command.input).toMatchObject({ ConsistentRead: true });
		}
	});
});

describe('on DynamoDB, a list that takes several pages', () => {
	type Page = {
		readonly Items: Record<string, AttributeValue>[];
		readonly LastEvaluatedKey?: Record<string, AttributeValue>;
	};

	/** Three pages. The second one is empty, as filters make them. */
	function threePages(partition: string, itemOf: (page: number) => Record<string, AttributeValue>): void {
		const pages: Page[] = [
			{ Items: [itemOf(0)], LastEvaluatedKey: { sk: { S: '1' } } },
			{ Items: [], LastEvaluatedKey: { sk: { S: '2' } } },
			{ Items: [itemOf(2)] },
		];
		dynamoDb.on(QueryCommand).callsFake(({ ExpressionAttributeValues, ExclusiveStartKey }) => {
			if (ExpressionAttributeValues[':pk'].S !== partition) return { Items: [] };
			return pages[Number(ExclusiveStartKey?.sk.S ?? 0)];
		});
	}

	test('has the leases of all pages of a shard', async () => {
		threePages('lease#3', (page) => ({
			sk: { S: `instance-${page}` },
			expiresAtMs: { N: '1' },
			sealed: { BOOL: false },
		}));
		const leases = await createDynamoDbLeaseTable(client, 'control').listUnsealed();
		expect(leases.map(({ instanceId }) => instanceId)).toEqual(['instance-0', 'instance-2']);
	});

	test('has the entries of all pages of the feed', async () => {
		const bucket = Math.floor(exampleStartMs / 60_000);
		const session = { S: exampleSession().id };
		threePages(`feed#${bucket}`, (page) => ({ sk: { S: `0#entry-${page}` }, atMs: { N: '1' }, session }));
		const entries = await createDynamoDbFeed(client, 'control', {
			timing: timingDefaults,
			clock: createSettableClock(),
		}).read(exampleStartMs, exampleStartMs);
		expect(entries === 'overflow' ? entries : entries.map(({ id }) => id)).toEqual(['entry-0', 'entry-2']);
	});
});

describe('on DynamoDB, an entry of the feed', () => {
	test('is deleted only when no instance still needs it, and in seconds', async () => {
		const { feedRetentionMs } = timingDefaults;
		const feed = createDynamoDbFeed(client, 'control', { timing: timingDefaults, clock: createSettableClock() });
		await feed.append({ id: 'entry', atMs: exampleStartMs, sessionId: session.id, kind: 'end', proofWanted: false });
		const [put] = dynamoDb.commandCalls(PutItemCommand);
		const deletedAtMs = 1_000 * Number(put?.args[0].input.Item?.['ttl']?.N);
		// A longer gap drops every copy, and a sync looks back by the overlap.
		expect(feedRetentionMs).toBeGreaterThan(feedOverlapMs(timingDefaults));
		expect(deletedAtMs).toBeGreaterThanOrEqual(exampleStartMs + feedRetentionMs);
		expect(deletedAtMs).toBeLessThanOrEqual(exampleStartMs + feedRetentionMs + 1_000);
	});
});

describe('on S3, a refusal', () => {
	const refusal = (name: string, httpStatusCode: number) =>
		new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode } });

	test.each([
		['because the role lacks a right (403)', refusal('AccessDenied', 403)],
		['because the clock is off (403)', refusal('RequestTimeTooSkewed', 403)],
		['because the bucket is gone (404)', new NoSuchBucket({ message: 'gone', $metadata: { httpStatusCode: 404 } })],
		['because of a 404 without a name', refusal('NotFound', 404)],
		['because there are too many requests (503)', refusal('SlowDown', 503)],
	])('%s says nothing about the session', async (_why, error) => {
		s3.on(GetObjectCommand).rejects(error);
		const repository = createS3Repository(new S3Client({}), 'bucket');
		const unavailable = { kind: 'failed', reason: 'unavailable' };
		expect(await repository.load(session.id)).toMatchObject(unavailable);
		expect(await repository.merge(session.id, () => session)).toMatchObject(unavailable);
		expect(await repository.quarantine(session.id)).toMatchObject(unavailable);
		expect(await repository.tally.read()).toMatchObject(unavailable);
	});
});
