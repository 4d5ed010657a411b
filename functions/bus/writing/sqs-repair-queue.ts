import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { encodeRepairTask } from '../../repair/repair-message.ts';
import { Unreachable } from '../../system/unreachable.ts';
import { type RepairQueue, repairDelayMs } from './repair-queue.ts';

/** The repair queue as a standard queue of SQS. */
export function createSqsRepairQueue(client: SQSClient, queueUrl: string): RepairQueue {
	return {
		enqueue: async (sessionId, missing, forged) => {
			try {
				await client.send(
					new SendMessageCommand({
						QueueUrl: queueUrl,
						MessageBody: encodeRepairTask({ sessionId, missing, ...(forged && { forged }) }),
						DelaySeconds: repairDelayMs / 1_000,
					}),
				);
			} catch (error) {
				throw new Unreachable('repair queue', error);
			}
		},
	};
}
