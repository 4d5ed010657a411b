import { S3Client } from '@aws-sdk/client-s3';
import type { Environment } from '../environment.ts';
import { callLimits } from './call-limits.ts';

/**
 * S3 answers its slowest requests in some hundred milliseconds. What hangs has to be given up early enough that a write can
 * be acknowledged without it while the session server still waits for the bus.
 */
export function createS3Client(environment: Environment): S3Client {
	return new S3Client({ ...callLimits(600), forcePathStyle: usesEmulator(environment) });
}

/** Emulators cannot serve a host name for each bucket. */
function usesEmulator(environment: Environment): boolean {
	return Boolean(environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL']);
}
