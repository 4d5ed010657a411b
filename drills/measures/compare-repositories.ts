import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { decodeRecord } from '../../functions/repositories/record.ts';
import type { Session } from '../../functions/session/session.ts';
import { isWhole, stubOf } from '../../functions/session/stub.ts';
import { sessionBucket, tables } from '../../local/lambda/function-variables.ts';
import type { Region } from '../../local/region.ts';
import { localAccount } from '../../local/system/local-account.ts';

export interface Comparison {
	/** The number of sessions that are in at least one of the repositories. */
	readonly sessions: number;
	/**
	 * Ids of those that the other repository lacks or has differently. Attributes do not count if
	 * DynamoDB has a stub.
	 */
	readonly divergent: readonly string[];
}

/**
 * Compares the repositories directly, without the bus and its adapters. Both must have the same
 * sessions, and the same record of each (I6). If not, it waits for what may be under way.
 */
export async function compareRepositories(region: Region): Promise<Comparison> {
	const giveUpAt = performance.now() + underWayMs;
	for (;;) {
		const [dynamodb, s3] = await recordsOf(region);
		const ids = [...new Set([...dynamodb.keys(), ...s3.keys()])];
		const divergent = ids.filter((id) => !areAlike(dynamodb.get(id), s3.get(id)));
		if (divergent.length === 0 || performance.now() > giveUpAt) return { sessions: ids.length, divergent };
		await sleep(100);
	}
}

/** No client waits for reports of use and for new owners. For so long, they may be under way. */
const underWayMs = 3_000;

function areAlike(inDynamoDb: Session | undefined, inS3: Session | undefined): boolean {
	if (inDynamoDb === undefined || inS3 === undefined) return false;
	return isDeepStrictEqual(inDynamoDb, isWhole(inDynamoDb) ? inS3 : stubOf(inS3));
}

/** By session id. */
type Records = ReadonlyMap<string, Session>;

/** The records in DynamoDB and in S3. */
export function recordsOf({ endpoints }: Region): Promise<[dynamodb: Records, s3: Records]> {
	return Promise.all([recordsInDynamoDb(endpoints.dynamodb), recordsInS3(endpoints.s3)]);
}

/** Other items in a repository have names that no session can have. */
const isSession = (id: string) => !id.startsWith('~');

async function recordsInDynamoDb(endpoint: string): Promise<Records> {
	const client = new DynamoDBClient({ endpoint, ...localAccount });
	const records = new Map<string, Session>();
	try {
		let start: ScanPage['LastEvaluatedKey'];
		do {
			const page: ScanPage = await client.send(
				new ScanCommand({
					TableName: tables.sessionTable,
					ConsistentRead: true,
					...(start === undefined ? {} : { ExclusiveStartKey: start }),
				}),
			);
			for (const { pk, record } of page.Items ?? [])
				if (pk?.S !== undefined && isSession(pk.S)) records.set(pk.S, decodeRecord(record?.S ?? record?.B ?? ''));
			start = page.LastEvaluatedKey;
		} while (start !== undefined);
		return records;
	} finally {
		client.destroy();
	}
}

type ScanPage = Pick<import('@aws-sdk/client-dynamodb').ScanCommandOutput, 'Items' | 'LastEvaluatedKey'>;

const objectPrefix = 'sessions/';

async function recordsInS3(endpoint: string): Promise<Records> {
	const client = new S3Client({ endpoint, ...localAccount, forcePathStyle: true });
	const records = new Map<string, Session>();
	try {
		let token: string | undefined;
		do {
			const page: ListPage = await client.send(
				new ListObjectsV2Command({
					Bucket: sessionBucket,
					Prefix: objectPrefix,
					...(token === undefined ? {} : { ContinuationToken: token }),
				}),
			);
			for (const { Key = '' } of page.Contents ?? []) {
				const { Body } = await client.send(new GetObjectCommand({ Bucket: sessionBucket, Key }));
				records.set(
					Key.slice(objectPrefix.length).replace(/\.json$/, ''),
					decodeRecord((await Body?.transformToByteArray()) ?? ''),
				);
			}
			token = page.NextContinuationToken;
		} while (token !== undefined);
		return records;
	} finally {
		client.destroy();
	}
}

type ListPage = Pick<import('@aws-sdk/client-s3').ListObjectsV2CommandOutput, 'Contents' | 'NextContinuationToken'>;
