import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { asideName } from '../../functions/repositories/record.ts';
import { createS3Repository } from '../../functions/repositories/s3/repository.ts';
import type { Session } from '../../functions/session/session.ts';
import { startS3 } from '../support/engines/s3.ts';
import { exampleSession, exampleStamp } from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';
import { outagesOf } from '../support/outages.ts';
import { type RemoteRepositoryBed, remoteRepositoryContract } from './remote-repository-contract.ts';
import { repositoryContract } from './repository-contract.ts';

repositoryContract('S3', createBed);
remoteRepositoryContract('S3', createBed);

async function createBed(): Promise<RemoteRepositoryBed> {
	const service = await startS3();
	const { bucket } = service;
	const raw = service.client();
	const contentsOf = async (Key: string) => {
		try {
			const { Body } = await raw.send(new GetObjectCommand({ Bucket: bucket, Key }));
			return (await Body?.transformToByteArray()) ?? 'nothing';
		} catch (error) {
			if (error instanceof NoSuchKey) return 'nothing';
			throw error;
		}
	};
	return {
		open: () => createS3Repository(service.client(), bucket),
		storeRaw: async (id, record) => {
			await raw.send(new PutObjectCommand({ Bucket: bucket, Key: `sessions/${id}.json`, Body: record }));
		},
		readRaw: (id) => contentsOf(`sessions/${id}.json`),
		readQuarantined: (id, record) => contentsOf(`~quarantine/${asideName(id, record)}`),
		writes: () => service.calls('s3', 'PUT'),
		outages: outagesOf(service, 's3', bucket, createS3Repository),
		close: service.close,
	};
}

test('the headers of an object tell any client that it is JSON, or gzipped JSON', async () => {
	const service = await startS3();
	onTestFinished(service.close);
	const { bucket } = service;
	const [client, short] = [service.client(), exampleSession({ id: freshSessionId() })];
	const attributes = { note: { stamp: exampleStamp(1), value: 'dark blue '.repeat(400) } };
	const long = { ...short, id: freshSessionId(), attributes };
	const repository = createS3Repository(client, bucket);
	for (const session of [short, long]) await repository.merge(session.id, () => session);
	const read = async ({ id }: Session) => {
		const { Body, ...head } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: `sessions/${id}.json` }));
		return { ...head, bytes: (await Body?.transformToByteArray()) ?? new Uint8Array() };
	};
	const [plain, compressed] = [await read(short), await read(long)];
	expect([plain.ContentType, plain.ContentEncoding]).toEqual(['application/json', undefined]);
	expect(JSON.parse(Buffer.from(plain.bytes).toString())).toEqual(short);
	expect([compressed.ContentType, compressed.ContentEncoding]).toEqual(['application/json', 'gzip']);
	expect(JSON.parse(gunzipSync(compressed.bytes).toString())).toEqual(long);
});
