import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SessionId } from '../../session/session.ts';
import { answered, conditionally } from '../answered.ts';
import { decoded } from '../decoded.ts';
import type { Failed } from '../failed.ts';
import type { Quarantined } from '../repository.ts';
import { isConflict } from './conditions.ts';
import { objectKeyOf } from './object-key.ts';

/**
 * Copies a corrupt object to `~quarantine/…`, and then deletes it if it is still that one. Dying in between leaves both, and a
 * repetition does the rest.
 */
export async function quarantineObject(client: S3Client, bucket: string, id: SessionId): Promise<Quarantined> {
	const seen = await answered(() => rawObject(client, bucket, id));
	if (seen === undefined) return { kind: 'kept' };
	if ('kind' in seen) return seen;
	const current = decoded(id, seen.bytes);
	if (current.kind === 'found') return { kind: 'kept' };
	if (current.reason !== 'corrupt') return current;
	return conditionally(isConflict, async () => {
		await client.send(
			new PutObjectCommand({
				Bucket: bucket,
				Key: `~quarantine/${id}`,
				Body: seen.bytes,
				// The client cannot tell that nothing is the whole of it.
				ContentLength: seen.bytes.length,
			}),
		);
		await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: objectKeyOf(id), IfMatch: seen.etag }));
		return { kind: 'moved' } as const;
	}).then(keptOnConflict);
}

async function rawObject(
	client: S3Client,
	bucket: string,
	id: SessionId,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
	try {
		const { Body, ETag = '' } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: objectKeyOf(id) }));
		return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag };
	} catch (error) {
		if (error instanceof NoSuchKey) return undefined;
		throw error;
	}
}

/** Somebody has written or moved it since, so what was seen to be corrupt is not there any more. */
function keptOnConflict(outcome: Quarantined | { readonly kind: 'conflict' } | Failed): Quarantined {
	return outcome.kind === 'conflict' ? { kind: 'kept' } : outcome;
}
