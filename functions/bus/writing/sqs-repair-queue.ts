import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { encodeRepairTask, encodeSweepTask } from '../../repair/repair-message.ts';
import { Unreachable } from '../../system/unreachable.ts';
import { type RepairQueue, repairDelayMs } from './repair-queue.ts';

/** The repair queue as a standard queue of SQS. */
export function createSqsRepairQueue(client: SQSClient, queueUrl: string): RepairQueue {
	async function send(MessageBody: string): Promise<void> {
		try {
			await client.send(
				new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds: repairDelayMs / 1_000 }),
			);
		} catch (error) {
			throw new Unreachable('repair queue', error);
		}
	}

	return {
		enqueue: (sessionId, missing, forged) => send(encodeRepairTask({ sessionId, missing, ...(forged && { forged }) })),
		enqueueSweep: (missing) => send(encodeSweepTask({ missing })),
	};
}
