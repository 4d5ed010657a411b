import { GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { createS3Repository } from '../../functions/repositories/s3-repository.ts';
import { outagesOf } from '../support/outages.ts';
import { startS3 } from '../support/start-service.ts';
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
			return (await Body?.transformToString()) ?? 'nothing';
		} catch (error) {
			if (error instanceof NoSuchKey) return 'nothing';
			throw error;
		}
	};
	return {
		open: () => createS3Repository(service.client(), bucket),
		storeRaw: async (id, text) => {
			await raw.send(new PutObjectCommand({ Bucket: bucket, Key: `${id}.json`, Body: text }));
		},
		readRaw: (id) => contentsOf(`${id}.json`),
		readQuarantined: (id) => contentsOf(`~quarantine/${id}`),
		writes: () => service.calls('s3', 'PUT'),
		outages: outagesOf(service, 's3', bucket, createS3Repository),
		close: service.close,
	};
}
