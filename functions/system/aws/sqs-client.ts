import { SQSClient } from '@aws-sdk/client-sqs';
import { callLimits } from './call-limits.ts';

/**
 * SQS takes a message in some ten milliseconds. A write waits for this after it has waited for a repository in vain.
 * The endpoint is where this client is pointed, like every other, and not the host that a queue's URL happens to name.
 */
export function createSqsClient(): SQSClient {
	return new SQSClient({ ...callLimits(500), useQueueUrlAsEndpoint: false });
}
