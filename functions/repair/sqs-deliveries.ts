import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { Unreachable } from '../system/unreachable.ts';
import type { Deliveries } from './deliveries.ts';

/** Deliveries of an SQS standard queue, with its dead-letter queue. */
export function createSqsDeliveries(client: SQSClient, queueUrl: string, deadLetterUrl: string): Deliveries {
	return {
		postpone: async ({ receiptHandle }, seconds) => {
			const command = new ChangeMessageVisibilityCommand({
				QueueUrl: queueUrl,
				ReceiptHandle: receiptHandle,
				VisibilityTimeout: seconds,
			});
			await reach('repair queue', () => client.send(command));
		},
		send: async (MessageBody) => {
			const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody });
			await reach('repair queue', () => client.send(command));
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
			await reach('dead-letter queue', () => client.send(command));
		},
	};
}

/** Characters of a reason: enough to tell what is wrong, and far below the limit of a message. */
const reasonMax = 500;

async function reach(service: string, call: () => Promise<unknown>): Promise<void> {
	try {
		await call();
	} catch (error) {
		throw new Unreachable(service, error);
	}
}
