import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { createS3Repository } from '../../functions/repositories/s3/repository.ts';
import { exampleSession } from '../support/example-session.ts';

/*
 * Answers of S3 that no emulator gives, for a conditional write that conflicts with another write
 * or a delete.
 */

const s3 = mockClient(S3Client);
const session = exampleSession();
let object: string | undefined;

beforeEach(() => {
	s3.reset();
	object = undefined;
	s3.on(GetObjectCommand).callsFake(() => {
		if (object === undefined) throw new NoSuchKey({ message: 'none', $metadata: {} });
		return { Body: { transformToByteArray: async () => Buffer.from(object ?? '') }, ETag: '"1"' };
	});
});

function refusal(httpStatusCode: number): S3ServiceException {
	return new S3ServiceException({ name: `Status${httpStatusCode}`, $fault: 'client', $metadata: { httpStatusCode } });
}

/** Refuses the first write with `status` and makes later ones. */
function refuseFirstWrite(status: number): void {
	let refused = false;
	s3.on(PutObjectCommand).callsFake(({ Body }: { Body: string }) => {
		if (!refused) {
			refused = true;
			throw refusal(status);
		}
		object = Body;
		return { ETag: '"2"' };
	});
}

test('an S3 repository writes a new session without a read, on condition that there is no object', async () => {
	s3.on(PutObjectCommand).resolves({ ETag: '"2"' });
	const repository = createS3Repository(new S3Client({}), 'bucket');
	expect(await repository.merge(session.id, () => session, undefined, true)).toEqual({ kind: 'stored', session });
	expect(s3.calls().map(({ args: [command] }) => command.input)).toMatchObject([{ IfNoneMatch: '*' }]);
});

describe('an S3 repository whose conditional write is refused', () => {
	test.each([
		['because another one is under way (409)', 409],
		['because a delete came first (404)', 404],
		['because another object is there (412)', 412],
	])('%s reads again and completes the merge', async (_why, status) => {
		refuseFirstWrite(status);
		const repository = createS3Repository(new S3Client({}), 'bucket');
		expect(await repository.merge(session.id, () => session)).toEqual({ kind: 'stored', session });
		expect(JSON.parse(object ?? '')).toEqual(session);
	});

	test('for any other reason is unavailable', async () => {
		refuseFirstWrite(403);
		const repository = createS3Repository(new S3Client({}), 'bucket');
		expect(await repository.merge(session.id, () => session)).toMatchObject({ kind: 'failed', reason: 'unavailable' });
	});
});
