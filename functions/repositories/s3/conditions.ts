import { S3ServiceException } from '@aws-sdk/client-s3';

/** The condition of a write: the object is still the one that was read, or still absent. */
export function stillOf(etag: string | undefined): { readonly IfNoneMatch: '*' } | { readonly IfMatch: string } {
	return etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
}

/** Another object there (412), a write under way (409), or a delete that came first (404): each means to read again. */
export function isConflict(error: unknown): boolean {
	if (!(error instanceof S3ServiceException) || error.name === 'NoSuchBucket') return false;
	const status = error.$metadata.httpStatusCode;
	return status === 412 || status === 409 || status === 404;
}
