import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';

/**
 * How long each message that will be delivered again has been in the queue, in milliseconds. SQS's
 * own metric, the age of the oldest message, leaves out messages that were received three times.
 * During an outage, every repair reaches that within seconds.
 */
export function waitingAges(
	records: readonly SQSRecord[],
	{ batchItemFailures }: SQSBatchResponse,
	nowMs: number,
): readonly number[] {
	const again = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
	return records
		.filter(({ messageId }) => again.has(messageId))
		.map(({ attributes }) => Math.max(0, nowMs - Number(attributes.SentTimestamp)));
}
