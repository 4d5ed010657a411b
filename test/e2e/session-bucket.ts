import {
	DeleteBucketCommand,
	DeleteObjectsCommand,
	ListBucketsCommand,
	ListObjectsV2Command,
	S3Client,
} from '@aws-sdk/client-s3';
import { deployed } from './client.ts';

/** A client with the emulator's credentials that may do everything. */
export const s3 = new S3Client({
	region: 'us-east-1',
	credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
	forcePathStyle: true,
	...(deployed.endpoint === undefined ? {} : { endpoint: deployed.endpoint }),
});

/** The name of the deployment's bucket. */
export async function sessionBucket(): Promise<string> {
	const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
	const name = Buckets.map(({ Name }) => Name).find((Name) => Name?.includes('sessionbucket'));
	if (name === undefined) throw new Error('there is no bucket for sessions');
	return name;
}

/** Deletes the bucket with everything in it, so that the repository is down. */
export async function removeBucket(Bucket: string): Promise<void> {
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
