import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { loadFrom, mergeWithRetries, type RecordStore } from '../optimistic-merge.ts';
import { encodeRecord } from '../record.ts';
import type { Repository } from '../repository.ts';
import { callStore, writeOnCondition } from '../store-call.ts';
import { listSessions } from './list.ts';
import { isConflict, readObject, sessionKeyOf, stillOf } from './object.ts';
import { quarantineObject } from './quarantine.ts';
import { createS3Tally } from './tally.ts';

/**
 * Sessions as objects of an S3 bucket, whose ETag is the condition of every write. S3 is strongly
 * consistent. The bucket takes a session of any size that a session may have.
 *
 * S3 splits a bucket by key prefix where the load is. Each part takes 3,500 writes and 5,500 reads
 * a second. After its prefix, a key begins with the session's random id, so every split spreads the
 * load evenly. A date or a counter there would make one part hot.
 */
export function createS3Repository(client: S3Client, bucket: string): Repository {
	const store: RecordStore<string> = {
		get: (id) =>
			callStore(async () => {
				const object = await readObject(client, bucket, sessionKeyOf(id));
				if (object === undefined) return { kind: 'absent' } as const;
				return { kind: 'stored', record: object.bytes, revision: object.etag } as const;
			}),
		put: (session, over) =>
			writeOnCondition(isConflict, async () => {
				const record = encodeRecord(session);
				await client.send(
					new PutObjectCommand({
						Bucket: bucket,
						Key: sessionKeyOf(session.id),
						Body: record,
						ContentType: 'application/json',
						...(typeof record === 'string' ? {} : { ContentEncoding: 'gzip' }),
						...stillOf(over),
					}),
				);
				return { kind: 'written' } as const;
			}),
	};

	return {
		name: 's3',
		load: (id) => loadFrom(store, id),
		merge: (id, ...merging) => mergeWithRetries(store, id, ...merging),
		quarantine: (id, isForged) => quarantineObject(client, bucket, id, isForged),
		list: (after) => listSessions(client, bucket, after),
		tally: createS3Tally(client, bucket),
	};
}
