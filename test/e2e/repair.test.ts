import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, NoSuchBucket, NoSuchKey } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { sessionKeyOf } from '../../functions/repositories/s3/object.ts';
import type { SessionId } from '../../functions/session/session.ts';
import { call, deployed, login } from './client.ts';
import { removeBucket, s3, sessionBucket } from './session-bucket.ts';

/** A failed repair is delivered again within two visibility timeouts. */
const repairedMsMax = 200_000;

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

async function objectText(Bucket: string, Key: string): Promise<string | undefined> {
	try {
		const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
		return await Body?.transformToString();
	} catch (error) {
		if (error instanceof NoSuchKey || error instanceof NoSuchBucket) return undefined;
		throw error;
	}
}
