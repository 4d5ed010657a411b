import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';

/**
 * Since when the messages of a batch that come again have been in the queue, in milliseconds each. The queue's own measure
 * leaves out a message that was received three times, which every repair is within seconds of an outage.
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
