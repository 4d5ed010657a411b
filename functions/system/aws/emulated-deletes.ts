import {
	DeleteObjectCommand,
	type DeleteObjectCommandInput,
	HeadObjectCommand,
	NotFound,
	type S3Client,
	S3ServiceException,
} from '@aws-sdk/client-s3';

/**
 * Lets a client of an emulator delete an object on the condition `IfMatch`, even if the emulator
 * refuses that condition as LocalStack does: 501 `NotImplemented`. The client then reads the ETag,
 * compares it, and deletes without a condition. It throws the errors of S3: 412 for another ETag,
 * 404 if there is no object.
 *
 * A write between the read and the delete is lost. So this is for emulators alone, which keep no
 * sessions that matter. S3 itself knows the condition.
 */
export function allowEmulatedDeletes(client: S3Client): S3Client {
	client.middlewareStack.add(
		(next, { commandName }) =>
			async (call) => {
				const input = call.input as DeleteObjectCommandInput;
				if (commandName !== 'DeleteObjectCommand' || input.IfMatch === undefined) return next(call);
				try {
					return await next(call);
				} catch (error) {
					if (!isNotImplemented(error)) throw error;
					return { output: await compareAndDelete(client, input), response: undefined };
				}
			},
		{ step: 'initialize', name: 'emulatedDeletes' },
	);
	return client;
}

async function compareAndDelete(client: S3Client, { IfMatch, ...input }: DeleteObjectCommandInput) {
	const { Bucket, Key } = input;
	const etag = await client.send(new HeadObjectCommand({ Bucket, Key })).then(
		({ ETag }) => ETag,
		(error: unknown) => {
			if (error instanceof NotFound) throw refusal(404, 'NoSuchKey');
			throw error;
		},
	);
	if (etag !== IfMatch) throw refusal(412, 'PreconditionFailed');
	return client.send(new DeleteObjectCommand(input));
}

function isNotImplemented(error: unknown): boolean {
	return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 501;
}

function refusal(httpStatusCode: number, name: string): S3ServiceException {
	const message = 'the object is not the one that was read';
	return new S3ServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });
}
