import { GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { createS3Repository } from '../../functions/repositories/s3-repository.ts';
import { embeddedS3, sessionBucket } from '../support/embedded-services.ts';
import { outagesOf } from '../support/outages.ts';
import { type RemoteRepositoryBed, remoteRepositoryContract } from './remote-repository-contract.ts';
import { repositoryContract } from './repository-contract.ts';

repositoryContract('S3', createBed);
remoteRepositoryContract('S3', createBed);

async function createBed(): Promise<RemoteRepositoryBed> {
	const service = await embeddedS3();
	const raw = service.client();
	const contentsOf = async (Key: string) => {
		try {
			const { Body } = await raw.send(new GetObjectCommand({ Bucket: sessionBucket, Key }));
			return (await Body?.transformToString()) ?? 'nothing';
		} catch (error) {
			if (error instanceof NoSuchKey) return 'nothing';
			throw error;
		}
	};
	return {
		open: () => createS3Repository(service.client(), sessionBucket),
		storeRaw: async (id, text) => {
			await raw.send(new PutObjectCommand({ Bucket: sessionBucket, Key: `${id}.json`, Body: text }));
		},
		readRaw: (id) => contentsOf(`${id}.json`),
		readQuarantined: (id) => contentsOf(`~quarantine/${id}`),
		writes: () => service.calls('s3', 'PUT'),
		outages: outagesOf(service, 's3', sessionBucket, createS3Repository),
		close: service.close,
	};
}
