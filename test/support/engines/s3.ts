import {
	type BucketLocationConstraint,
	CreateBucketCommand,
	PutBucketEncryptionCommand,
	S3Client,
} from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { allowEmulatedDeletes } from '../../../functions/system/aws/emulated-deletes.ts';
import { s3FaultAnswers, startEmbeddedS3 } from '../../../local/services/embedded-s3.ts';
import { createServiceConditions } from '../../../local/services/faults.ts';
import { embeddedService } from './embedded-engine.ts';
import type { EngineAccess } from './engine-access.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { disposable, engineSettings, freshName, lastStep, remoteService } from './remote-engine.ts';
import type { TestedService } from './tested-service.ts';

export interface TestedS3 extends TestedService<S3Client> {
	readonly bucket: string;
}

/** Starts S3 with an empty bucket. */
export async function startS3(): Promise<TestedS3> {
	const engine = inject('engine');
	return engine === undefined ? embeddedS3() : remoteS3(engine);
}

async function embeddedS3(): Promise<TestedS3> {
	const bucket = 'sessions';
	const conditions = createServiceConditions();
	const listener = await startEmbeddedS3(bucket, conditions);
	return {
		...embeddedService(listener, conditions, (settings) => new S3Client({ ...settings, forcePathStyle: true })),
		bucket,
	};
}

async function remoteS3(engine: EngineAccess): Promise<TestedS3> {
	const bucket = freshName(engine, 'sessions');
	// Emulators do not serve a host name for each bucket.
	const forcePathStyle = engine.endpoint !== undefined;
	using direct = disposable(new S3Client({ ...engineSettings(engine), forcePathStyle }));
	const LocationConstraint = engine.region as BucketLocationConstraint;
	// S3 refuses us-east-1 as a location constraint: that region is its default.
	const where = engine.region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
	await direct.client.send(new CreateBucketCommand({ Bucket: bucket, ...where }));
	if (engine.encryptionKey !== undefined)
		await direct.client.send(new PutBucketEncryptionCommand(encryptionOf(bucket, engine.encryptionKey)));

	const conditions = createServiceConditions();
	const proxy = await startFaultProxy({
		endpoint: engine.endpoint,
		called: (request) => conditions.called('s3', String(request.method)),
		answers: s3FaultAnswers,
	});
	const service = remoteService(engine, conditions, proxy, (settings, via) => {
		const plain = new S3Client({ ...settings, forcePathStyle });
		// As `createS3Client` does, for the same endpoints.
		const client = engine.endpoint === undefined ? plain : allowEmulatedDeletes(plain);
		if (via) client.middlewareStack.add((next) => (call) => next({ ...call, request: via(call.request) }), lastStep);
		return client;
	});
	return { ...service, bucket };
}

/** As the product's bucket is encrypted. Then an ETag is no digest of the object's content. */
function encryptionOf(Bucket: string, KMSMasterKeyID: string) {
	const byDefault = { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID };
	const rule = { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true };
	return { Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } };
}
