import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { Unreachable } from '../system/unreachable.ts';
import type { Deliveries } from './deliveries.ts';

/** Deliveries of a standard queue of SQS, and its dead-letter queue. */
export function createSqsDeliveries(client: SQSClient, queueUrl: string, deadLetterUrl: string): Deliveries {
	return {
		postpone: async ({ receiptHandle }, seconds) => {
			const command = new ChangeMessageVisibilityCommand({
				QueueUrl: queueUrl,
				ReceiptHandle: receiptHandle,
				VisibilityTimeout: seconds,
			});
			await reached('repair queue', () => client.send(command));
		},
		giveUp: async ({ body, deliveries }, reason) => {
			const command = new SendMessageCommand({
				QueueUrl: deadLetterUrl,
				MessageBody: body,
				MessageAttributes: {
					reason: { DataType: 'String', StringValue: reason.slice(0, reasonMax) },
					deliveries: { DataType: 'Number', StringValue: String(deliveries) },
				},
			});
			await reached('dead-letter queue', () => client.send(command));
		},
	};
}

/** Characters of a reason: enough to know what is wrong, and next to nothing beside a message's limit. */
const reasonMax = 500;

async function reached(service: string, call: () => Promise<unknown>): Promise<void> {
	try {
		await call();
	} catch (error) {
		throw new Unreachable(service, error);
	}
}
