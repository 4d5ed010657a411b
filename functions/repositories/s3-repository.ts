import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Session, SessionId } from '../session/session.ts';
import { loadRecord } from './load-record.ts';
import { mergeWithRetries, type Stored } from './optimistic-merge.ts';
import { encodeRecord } from './record.ts';
import type { Repository, RepositoryName } from './repository.ts';

/**
 * Sessions as objects of an S3 bucket, whose ETag is the condition of every write. S3 is strongly consistent. It takes a session
 * of any size that a session may have.
 *
 * S3 splits a bucket by key prefix where the load is, and each part takes 3,500 writes and 5,500 reads a second. Keys begin with the
 * session's id, which is random, so that the load is spread evenly over any split, and no date or count makes one part hot.
 */
export function createS3Repository(client: S3Client, bucket: string): Repository {
	async function get(id: SessionId): Promise<Stored<string> | undefined> {
		try {
			const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(id) }));
			return { record: (await Body?.transformToByteArray()) ?? '', version: ETag ?? '' };
		} catch (error) {
			if (error instanceof NoSuchKey) return undefined;
			throw error;
		}
	}

	async function put(session: Session, over: string | undefined): Promise<'written' | 'conflict'> {
		const record = encodeRecord(session);
		try {
			await client.send(
				new PutObjectCommand({
					Bucket: bucket,
					Key: keyOf(session.id),
					Body: record,
					ContentType: 'application/json',
					...(typeof record === 'string' ? {} : { ContentEncoding: 'gzip' }),
					// The object is still the one that was read, or still absent.
					...(over === undefined ? { IfNoneMatch: '*' } : { IfMatch: over }),
				}),
			);
			return 'written';
		} catch (error) {
			if (isConflict(error)) return 'conflict';
			throw error;
		}
	}

	return {
		name: 's3',
		load: (id) => loadRecord(id, () => get(id)),
		merge: (id, propose, heldElsewhere) => mergeWithRetries(id, { get: () => get(id), put }, propose, heldElsewhere),
		noteMissed: async (other, atMs) => {
			try {
				// The latest write wins; two notes of one outage are apart by less than matters.
				await client.send(new PutObjectCommand({ Bucket: bucket, Key: noteKey(other), Body: String(atMs) }));
				return { kind: 'noted' };
			} catch (cause) {
				return { kind: 'failed', reason: 'unavailable', cause };
			}
		},
		lastMissed: async (other) => {
			try {
				const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: noteKey(other) }));
				return { kind: 'known', atMs: Number(await Body?.transformToString()) };
			} catch (cause) {
				if (cause instanceof NoSuchKey) return { kind: 'known', atMs: undefined };
				return { kind: 'failed', reason: 'unavailable', cause };
			}
		},
	};
}

/** No session has such a key: `~` is not in the alphabet of ids. */
function noteKey(other: RepositoryName): string {
	return `~missed-by-${other}`;
}

function keyOf(id: SessionId): string {
	return `${id}.json`;
}

/** Another object there (412), a write under way (409), or a delete that came first (404): each means to read again. */
function isConflict(error: unknown): boolean {
	const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
	return status === 412 || status === 409 || status === 404;
}
