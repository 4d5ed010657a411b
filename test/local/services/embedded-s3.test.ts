import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedS3 } from '../../../local/services/embedded-s3.ts';
import { createServiceConditions } from '../../../local/services/faults.ts';
import { localAccount } from '../../../local/system/local-account.ts';

async function embeddedS3() {
	const conditions = createServiceConditions();
	const service = await startEmbeddedS3('sessions', conditions);
	const client = new S3Client({ endpoint: service.url, maxAttempts: 1, ...localAccount });
	onTestFinished(() => service.close());
	onTestFinished(() => client.destroy());
	const put = (key: string, body: string, condition: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
		client.send(new PutObjectCommand({ Bucket: 'sessions', Key: key, Body: body, ...condition }));
	const remove = (key: string, condition: { IfMatch?: string } = {}) =>
		client.send(new DeleteObjectCommand({ Bucket: 'sessions', Key: key, ...condition }));
	const get = async (key: string) => {
		const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: 'sessions', Key: key }));
		return { text: await Body?.transformToString(), etag: String(ETag) };
	};
	return { conditions, put, remove, get };
}

test('a write with If-None-Match: * succeeds only if there is no object', async () => {
	const { put, get } = await embeddedS3();
	await put('a/b', 'one', { IfNoneMatch: '*' });
	await expect(put('a/b', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject({
		name: 'PreconditionFailed',
		$metadata: { httpStatusCode: 412 },
	});
	expect((await get('a/b')).text).toBe('one');
});

test('a write with If-Match succeeds only if the ETag matches', async () => {
	const { put, get } = await embeddedS3();
	const { ETag: first } = await put('key', 'one');
	const { ETag: second } = await put('key', 'two', { IfMatch: String(first) });
	expect(second).not.toBe(first);
	await expect(put('key', 'three', { IfMatch: String(first) })).rejects.toMatchObject({
		name: 'PreconditionFailed',
		$metadata: { httpStatusCode: 412 },
	});
	expect(await get('key')).toEqual({ text: 'two', etag: second });
});

test('If-Match without an object fails with NoSuchKey', async () => {
	const { put, remove } = await embeddedS3();
	const refusal = { name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } };
	await expect(put('key', 'one', { IfMatch: '"etag"' })).rejects.toMatchObject(refusal);
	await expect(remove('key', { IfMatch: '"etag"' })).rejects.toMatchObject(refusal);
});

test('a deletion with If-Match succeeds only if the ETag matches', async () => {
	const { put, remove, get } = await embeddedS3();
	const { ETag: first } = await put('key', 'one');
	await put('key', 'two');
	await expect(remove('key', { IfMatch: String(first) })).rejects.toMatchObject({
		name: 'PreconditionFailed',
		$metadata: { httpStatusCode: 412 },
	});
	await remove('key', { IfMatch: (await get('key')).etag });
	await expect(get('key')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('of many writers that create one object at the same time, exactly one succeeds', async () => {
	const { put, get } = await embeddedS3();
	const attempts = await Promise.allSettled(
		Array.from({ length: 40 }, (_, writer) => put('contended', `writer ${writer}`, { IfNoneMatch: '*' })),
	);
	const winners = attempts.flatMap(({ status }, writer) => (status === 'fulfilled' ? [`writer ${writer}`] : []));
	expect(winners).toEqual([(await get('contended')).text]);
});

test('concurrent conditional increments lose none', async () => {
	const { put, get } = await embeddedS3();
	await put('counter', '0');
	const increment = async (): Promise<void> => {
		const { text, etag } = await get('counter');
		try {
			await put('counter', String(Number(text) + 1), { IfMatch: etag });
		} catch (error) {
			if (!(error instanceof Error) || error.name !== 'PreconditionFailed') throw error;
			return await increment();
		}
	};
	await Promise.all(
		Array.from({ length: 12 }, async () => {
			for (let i = 0; i < 5; i += 1) await increment();
		}),
	);
	expect((await get('counter')).text).toBe('60');
});

test('errors have the names of S3’s errors', async () => {
	const { conditions, get, put } = await embeddedS3();
	conditions.set('s3', { fault: 'error' });
	await expect(get('key')).rejects.toMatchObject({ name: 'InternalError', $metadata: { httpStatusCode: 500 } });
	conditions.set('s3', { fault: 'throttle' });
	await expect(put('key', 'one')).rejects.toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
	conditions.set('s3', { fault: 'reset' });
	await expect(get('key')).rejects.toMatchObject({ code: 'ECONNRESET' });
	conditions.set('s3', { fault: 'none' });
	await expect(get('key')).rejects.toMatchObject({ name: 'NoSuchKey' });
	expect(conditions.report().s3.calls).toEqual({ GET: 3, PUT: 1 });
});
