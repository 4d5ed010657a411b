import { GetObjectCommand, NoSuchKey, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { SessionId } from '../../session/session.ts';

/**
 * The key of a session's record. The part after the prefix is random, so S3 can split the load
 * there. The lifecycle rule applies to this prefix only, so that it leaves the tally alone.
 */
export function sessionKeyOf(id: SessionId): string {
	return `sessions/${id}.json`;
}

export interface StoredObject {
	readonly bytes: Uint8Array;
	readonly etag: string;
}

/** Reads an object; `undefined` when there is none. S3 is strongly consistent. */
export async function readObject(client: S3Client, bucket: string, key: string): Promise<StoredObject | undefined> {
	try {
		const { Body, ETag = '' } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
		return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag };
	} catch (error) {
		if (error instanceof NoSuchKey) return undefined;
		throw error;
	}
}

/**
 * The condition of a write: the object still has the ETag that was read. `undefined`: there is
 * still no object.
 */
export function stillOf(etag: string | undefined): { readonly IfNoneMatch: '*' } | { readonly IfMatch: string } {
	return etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
}

/**
 * Whether a conditional write has to begin again with a read: the object has another ETag (412),
 * another write of it is under way (409), or somebody deleted it (404).
 */
export function isConflict(error: unknown): boolean {
	if (!(error instanceof S3ServiceException) || error.name === 'NoSuchBucket') return false;
	const status = error.$metadata.httpStatusCode;
	return status === 412 || status === 409 || status === 404;
}
