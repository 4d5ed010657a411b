import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { describeError, type Log } from '../system/log.ts';
import { decodeRepairTask } from './repair-message.ts';
import { type RepairPorts, repairSession } from './repair-session.ts';

/**
 * Repairs what a batch of messages asks for, and names the messages that the queue is to deliver again: those whose repair
 * has to be tried once more, and those that nobody can read. The queue gives both up after the same number of deliveries,
 * to the dead-letter queue. A repair that was done is done again without harm, when its message comes twice.
 */
export async function repairRecords(
	ports: RepairPorts,
	records: readonly SQSRecord[],
	log: Log,
): Promise<SQSBatchResponse> {
	const outcomes = await Promise.all(
		records.map(async ({ messageId, body, attributes }) => {
			const delivery = { messageId, deliveries: Number(attributes.ApproximateReceiveCount) };
			const task = decodeRepairTask(body);
			if ('malformed' in task) {
				log('error', 'a repair message cannot be read', { ...delivery, reason: task.malformed });
				return { messageId, done: false };
			}
			try {
				const outcome = await repairSession(ports, task.sessionId);
				log(outcome === 'repaired' ? 'info' : 'warn', 'repair', { ...delivery, ...task, outcome });
				return { messageId, done: outcome === 'repaired' };
			} catch (error) {
				// A bug that one session brings to light must not take the rest of the batch with it.
				log('error', 'a repair failed', { ...delivery, ...task, ...describeError(error) });
				return { messageId, done: false };
			}
		}),
	);
	const again = outcomes.filter(({ done }) => !done);
	return { batchItemFailures: again.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
