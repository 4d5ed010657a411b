import type { IncomingHttpHeaders } from 'node:http';
import type { ServiceAnswer } from './faults.ts';

/**
 * Returns S3's error if the `If-None-Match` or `If-Match` of a PUT or DELETE does not hold. The
 * caller must prevent any other write between this check and the write itself.
 *
 * @param etag the current ETag of the object, or undefined if there is no object
 */
export function refusalByPrecondition(
	headers: IncomingHttpHeaders,
	etag: string | undefined,
): ServiceAnswer | undefined {
	if (headers['if-none-match'] === '*' && etag !== undefined) return preconditionFailed;
	const expected = headers['if-match'];
	if (expected === undefined) return undefined;
	if (etag === undefined) return noSuchKey;
	return expected === '*' || unquoted(expected) === unquoted(etag) ? undefined : preconditionFailed;
}

export function hasPrecondition(headers: IncomingHttpHeaders): boolean {
	return headers['if-none-match'] !== undefined || headers['if-match'] !== undefined;
}

/** An error in S3's format, from which the SDK takes the error's name. */
export function s3Error(status: number, code: string, message: string): ServiceAnswer {
	const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
	return { status, headers: { 'content-type': 'application/xml' }, body };
}

const preconditionFailed = s3Error(
	412,
	'PreconditionFailed',
	'At least one of the pre-conditions you specified did not hold',
);
const noSuchKey = s3Error(404, 'NoSuchKey', 'The specified key does not exist.');

function unquoted(etag: string): string {
	return etag.replace(/^"|"$/g, '');
}
