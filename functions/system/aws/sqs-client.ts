import { SQSClient } from '@aws-sdk/client-sqs';
import { sqsTryMs } from '../time-budget.ts';
import { callLimits } from './call-limits.ts';

/**
 * SQS takes a message within some ten milliseconds. A write waits for SQS after it has already
 * waited for a repository that did not answer.
 *
 * This client uses the endpoint from the environment, as every other client does, and not the host
 * in a queue's URL.
 */
export function createSqsClient(): SQSClient {
	return new SQSClient({ ...callLimits(sqsTryMs), useQueueUrlAsEndpoint: false });
}
