import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { freshRevision } from '../fresh-revision.ts';
import { callStore, writeOnCondition } from '../store-call.ts';
import type { Tally, TallyKeeper } from '../tally.ts';
import { tryOnce } from '../try-once.ts';
import { isConflict, readObject, type StoredObject, stillOf } from './object.ts';

/** No session has such a key. */
const key = '~tally-s3';

/**
 * The tally as an object of the bucket, whose ETag is its revision. An ETag may be a hash of the
 * contents, so no two writes have the same contents.
 */
export function createS3Tally(client: S3Client, bucket: string): TallyKeeper {
	return {
		read: () =>
			callStore(async () => {
				const stored = await readObject(client, bucket, key);
				return { kind: 'known', tally: stored === undefined ? undefined : tallyOf(stored) } as const;
			}),
		write: ({ count, atMs }, over) =>
			writeOnCondition(isConflict, async () => {
				const write = new PutObjectCommand({
					Bucket: bucket,
					Key: key,
					Body: JSON.stringify({ count, atMs, nonce: freshRevision() }),
					ContentType: 'application/json',
					...stillOf(over?.revision),
				});
				await client.send(tryOnce(write));
				return { kind: 'written' } as const;
			}),
	};
}

const tallySchema = v.pipe(
	v.string(),
	v.parseJson(),
	v.object({ count: v.pipe(v.number(), v.safeInteger()), atMs: v.pipe(v.number(), v.finite()) }),
);

/** A tally that cannot be read counts as the lowest. At worst that makes the repository doubted. */
function tallyOf({ bytes, etag }: StoredObject): Tally {
	const parsed = v.safeParse(tallySchema, new TextDecoder().decode(bytes));
	const { count, atMs } = parsed.success ? parsed.output : { count: 0, atMs: 0 };
	return { count, atMs, revision: etag };
}
