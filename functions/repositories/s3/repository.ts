import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Session, SessionId } from '../../session/session.ts';
import { loadRecord } from '../load-record.ts';
import { mergeWithRetries, type Stored } from '../optimistic-merge.ts';
import { encodeRecord } from '../record.ts';
import type { Repository } from '../repository.ts';
import { isConflict, stillOf } from './conditions.ts';
import { createS3Ledger } from './ledger.ts';
import { objectKeyOf } from './object-key.ts';
import { quarantineObject } from './quarantine.ts';

/**
 * Sessions as objects of an S3 bucket, whose ETag is the condition of every write. S3 is strongly consistent. It takes a session
 * of any size that a session may have.
 *
 * S3 splits a bucket by key prefix where the load is, and each part takes 3,500 writes and 5,500 reads a second. After its prefix a key begins with the
 * session's id, which is random, so that the load is spread evenly over any split, and no date or count makes one part hot.
 */
export function createS3Repository(client: S3Client, bucket: string): Repository {
	async function get(id: SessionId): Promise<Stored<string> | undefined> {
		try {
			const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: objectKeyOf(id) }));
			return { record: (await Body?.transformToByteArray()) ?? '', revision: ETag ?? '' };
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
					Key: objectKeyOf(session.id),
					Body: record,
					ContentType: 'application/json',
					...(typeof record === 'string' ? {} : { ContentEncoding: 'gzip' }),
					// The object is still the one that was read, or still absent.
					...stillOf(over),
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
		quarantine: (id) => quarantineObject(client, bucket, id),
		ledger: createS3Ledger(client, bucket),
	};
}
