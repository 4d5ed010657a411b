import { setTimeout as delay } from 'node:timers/promises';
import {
	CreateBucketCommand,
	DeleteBucketCommand,
	DeleteObjectsCommand,
	GetObjectCommand,
	ListBucketsCommand,
	ListObjectsV2Command,
	NoSuchBucket,
	NoSuchKey,
	S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { sessionKeyOf } from '../../functions/repositories/s3/object.ts';
import type { SessionId } from '../../functions/session/session.ts';
import { call, deployed, login } from './client.ts';

/** A failed repair is delivered again within two visibility timeouts. */
const repairedMsMax = 200_000;

const s3 = new S3Client({
	region: 'us-east-1',
	credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
	forcePathStyle: true,
	...(deployed.endpoint === undefined ? {} : { endpoint: deployed.endpoint }),
});
afterAll(() => s3.destroy());

/* Deletes the session bucket, so it must not run on AWS. */
describe.runIf(deployed.endpoint !== undefined)('a repository that was down', () => {
	test('a change succeeds while S3 is down, and the repair queue brings it to S3 later', {
		timeout: repairedMsMax + 30_000,
	}, async () => {
		const token = await login();
		const { json: session } = await call('GET', '/v1/session', { token });
		const Key = sessionKeyOf(session['handle'] as SessionId);
		const Bucket = await sessionBucket();

		await removeBucket(Bucket);
		const changed = await call('PATCH', '/v1/session', { token, body: { attributes: { theme: 'dark' } } });
		expect(changed.status).toBe(200);
		expect(changed.json).toMatchObject({ attributes: { theme: 'dark' } });
		await s3.send(new CreateBucketCommand({ Bucket }));

		let stored: string | undefined;
		for (const until = Date.now() + repairedMsMax; stored === undefined && Date.now() < until; await delay(1_000))
			stored = await objectText(Bucket, Key);
		expect(JSON.parse(stored ?? '{}')).toMatchObject({
			id: session['handle'],
			attributes: { theme: { value: 'dark' } },
		});
	});
});

async function sessionBucket(): Promise<string> {
	const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
	const name = Buckets.map(({ Name }) => Name).find((Name) => Name?.includes('sessionbucket'));
	if (name === undefined) throw new Error('there is no bucket for sessions');
	return name;
}

async function removeBucket(Bucket: string): Promise<void> {
	for (;;) {
		const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
		if (Contents.length > 0)
			await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }));
		try {
			await s3.send(new DeleteBucketCommand({ Bucket }));
			return;
		} catch (error) {
			// A repair or a write may have come in between, or there were more objects than a list
			// shows.
			if (!(error instanceof Error && error.name === 'BucketNotEmpty')) throw error;
		}
	}
}

async function objectText(Bucket: string, Key: string): Promise<string | undefined> {
	try {
		const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
		return await Body?.transformToString();
	} catch (error) {
		if (error instanceof NoSuchKey || error instanceof NoSuchBucket) return undefined;
		throw error;
	}
}
