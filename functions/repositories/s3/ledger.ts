import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { freshRevision } from '../fresh-revision.ts';
import type { Ledger, Note, Revision, Tally } from '../ledger.ts';
import { callStore, writeOnCondition } from '../store-call.ts';
import { isConflict, readObject, type StoredObject, stillOf } from './object.ts';

const noteSchema = v.pipe(
	v.string(),
	v.parseJson(),
	v.looseObject({ state: v.picklist(['open', 'closing']), opening: v.string(), nonce: v.exactOptional(v.string()) }),
);

/**
 * A ledger as objects of the bucket, whose ETag is their revision. An ETag may be a hash of the
 * contents, so no two writes have the same contents. S3 is strongly consistent, listings included.
 */
export function createS3Ledger(client: S3Client, bucket: string): Ledger {
	const get = (key: string) => readObject(client, bucket, key);

	const remove = (key: string, revision: Revision) =>
		writeOnCondition(isConflict, async () => {
			await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: revision }));
			return { kind: 'removed' } as const;
		});

	return {
		writeMarker: (missing, id) =>
			callStore(async () => {
				await client.send(new PutObjectCommand({ Bucket: bucket, Key: markerKey(missing, id), Body: freshRevision() }));
				return { kind: 'written' } as const;
			}),
		readMarker: (missing, id) =>
			callStore(async () => ({ kind: 'known', revision: (await get(markerKey(missing, id)))?.etag }) as const),
		removeMarker: (missing, id, revision) => remove(markerKey(missing, id), revision),
		anyMarker: (missing) =>
			callStore(async () => {
				const prefix = markerKey(missing, '');
				const { Contents = [] } = await client.send(
					new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }),
				);
				const id = Contents[0]?.Key?.slice(prefix.length);
				return { kind: 'known', id: id as SessionId | undefined } as const;
			}),
		readNote: (missing) =>
			callStore(async () => {
				const stored = await get(noteKey(missing));
				return { kind: 'known', note: stored === undefined ? undefined : noteOf(stored) } as const;
			}),
		writeNote: (missing, state, over) =>
			writeOnCondition(isConflict, async () => {
				const nonce = freshRevision();
				const opening = over?.opening ?? nonce;
				const unknown = over?.unknown as object | undefined;
				const { ETag = '' } = await client.send(
					new PutObjectCommand({
						Bucket: bucket,
						Key: noteKey(missing),
						Body: JSON.stringify({ ...unknown, state, opening, nonce }),
						ContentType: 'application/json',
						...stillOf(over?.revision),
					}),
				);
				const note: Note = { state, opening, revision: ETag, ...(unknown && { unknown }) };
				return { kind: 'written', note } as const;
			}),
		removeNote: (missing, { revision }) => remove(noteKey(missing), revision),
		readTally: (of) =>
			callStore(async () => {
				const stored = await get(tallyKey(of));
				return { kind: 'known', tally: stored === undefined ? undefined : tallyOf(stored) } as const;
			}),
		writeTally: (of, { count, atMs }, over) =>
			writeOnCondition(isConflict, async () => {
				await client.send(
					new PutObjectCommand({
						Bucket: bucket,
						Key: tallyKey(of),
						Body: JSON.stringify({ count, atMs, nonce: freshRevision() }),
						ContentType: 'application/json',
						...stillOf(over?.revision),
					}),
				);
				return { kind: 'written' } as const;
			}),
	};
}

function tallyKey(of: RepositoryName): string {
	return `~tally-${of}`;
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

/** No session has such a key: `~` is not in the alphabet of ids. */
function noteKey(missing: RepositoryName): string {
	return `~missed-by-${missing}`;
}

function markerKey(missing: RepositoryName, id: SessionId | ''): string {
	return `${noteKey(missing)}/${id}`;
}

/** A note that cannot be read counts as open. That costs reads but breaks no promise. */
function noteOf({ bytes, etag }: StoredObject): Note {
	const parsed = v.safeParse(noteSchema, new TextDecoder().decode(bytes));
	if (!parsed.success) return { state: 'open', opening: etag, revision: etag };
	const { state, opening, nonce: _, ...unknown } = parsed.output;
	return { state, opening, revision: etag, ...(Object.keys(unknown).length > 0 && { unknown }) };
}
