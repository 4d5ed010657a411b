import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { sessionIdSchema } from '../../session/session-schema.ts';
import { type Listed, listPageMax } from '../repository.ts';
import { callStore } from '../store-call.ts';

/** The prefix and the end of a session's key. */
const keyForm = /^sessions\/(.*)\.json$/;

/** The sessions of the bucket in the order of their keys. S3 lists with strong consistency. */
export function listSessions(client: S3Client, bucket: string, after: string | undefined): Promise<Listed> {
	return callStore(async () => {
		const { Contents = [], IsTruncated } = await client.send(
			new ListObjectsV2Command({
				Bucket: bucket,
				Prefix: 'sessions/',
				MaxKeys: listPageMax,
				...(after === undefined ? {} : { StartAfter: after }),
			}),
		);
		const ids = Contents.flatMap(({ Key = '' }) => {
			const id = v.safeParse(sessionIdSchema, keyForm.exec(Key)?.[1]);
			return id.success ? [id.output] : [];
		});
		return { kind: 'listed', ids, next: IsTruncated ? Contents.at(-1)?.Key : undefined } as const;
	});
}
