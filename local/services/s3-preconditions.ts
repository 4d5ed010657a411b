import type { IncomingHttpHeaders } from 'node:http';
import type { ServiceAnswer } from './under-condition.ts';

/**
 * Whether S3 would refuse a PUT or DELETE because of its `If-None-Match` or `If-Match`, and with what.
 * The caller sees to it that nothing is written between this and the write itself.
 *
 * @param etag of the object as it is, undefined where there is none
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

/** An error in the form from which the SDK takes its name. */
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
