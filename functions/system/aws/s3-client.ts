import { S3Client } from '@aws-sdk/client-s3';
import type { Environment } from '../environment.ts';
import { s3TryMs } from '../time-budget.ts';
import { callLimits } from './call-limits.ts';
import { allowEmulatedDeletes } from './emulated-deletes.ts';

/**
 * S3 answers its slowest requests within some hundred milliseconds. A call that hangs must be given
 * up early, so that the bus can acknowledge a write without S3 while the session server still
 * waits.
 */
export function createS3Client(environment: Environment): S3Client {
	const emulated = usesEmulator(environment);
	const client = new S3Client({ ...callLimits(s3TryMs), forcePathStyle: emulated });
	return emulated ? allowEmulatedDeletes(client) : client;
}

/** Emulators do not serve a host name for each bucket, and not all know conditional deletes. */
function usesEmulator(environment: Environment): boolean {
	return Boolean(environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL']);
}
