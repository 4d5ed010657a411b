import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Session, SessionId } from '../../session/session.ts';
import { asideName, readRecord } from '../record.ts';
import type { Quarantined } from '../repository.ts';
import { callStore, writeOnCondition } from '../store-call.ts';
import { isConflict, readObject, sessionKeyOf } from './object.ts';

/**
 * Copies a corrupt or forged object to `~quarantine/…`. Then it deletes the original if that has
 * not changed. If the process dies in between, both are there, and a repetition deletes the
 * original.
 */
export async function quarantineObject(
	client: S3Client,
	bucket: string,
	id: SessionId,
	isForged: (session: Session) => boolean = () => false,
): Promise<Quarantined> {
	const read = await callStore(async () => {
		const object = await readObject(client, bucket, sessionKeyOf(id));
		return { kind: 'read', object } as const;
	});
	if (read.kind === 'failed') return read;
	const { object } = read;
	if (object === undefined) return { kind: 'kept' };
	const current = readRecord(id, object.bytes);
	if (current.kind === 'found' && !isForged(current.session)) return { kind: 'kept' };
	if (current.kind === 'failed' && current.reason !== 'corrupt') return current;
	const moved = await writeOnCondition(isConflict, async () => {
		await client.send(
			new PutObjectCommand({
				Bucket: bucket,
				Key: `~quarantine/${asideName(id, object.bytes)}`,
				Body: object.bytes,
				// The client cannot work out the length of an empty body.
				ContentLength: object.bytes.length,
			}),
		);
		await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: sessionKeyOf(id), IfMatch: object.etag }));
		return { kind: 'moved' } as const;
	});
	// Somebody has written or moved the object since, so the corrupt record is no longer there.
	return moved.kind === 'conflict' ? { kind: 'kept' } : moved;
}
