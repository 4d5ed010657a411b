import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { describeError, type Log } from '../system/log.ts';
import { Unreachable } from '../system/unreachable.ts';
import type { Deliveries, Delivery } from './deliveries.ts';
import { delaySecondsAfter, deliveriesMax } from './deployment/retries.ts';
import { decodeRepairTask, encodeRepairTask, encodeSweepTask, type SweepTask } from './repair-message.ts';
import { type RepairOutcome, type RepairPorts, repairSession } from './repair-session.ts';
import { sweepPage } from './sweep.ts';

/** The ports of the repair function. */
export interface RepairContext extends RepairPorts {
	readonly deliveries: Deliveries;
	readonly log: Log;
}

/**
 * Does the repairs that a batch of messages asks for.
 *
 * A message whose repair failed is delivered again, after a longer wait each time. A message that
 * cannot be read, whose repair is hopeless, or that was delivered too often goes to the dead-letter
 * queue with the reason. If a message comes twice, the second repair does no harm.
 *
 * @returns the messages that the queue has to deliver again.
 */
export async function repairRecords(context: RepairContext, records: readonly SQSRecord[]): Promise<SQSBatchResponse> {
	const ended = await Promise.all(
		records.map(async (record) => ({
			itemIdentifier: record.messageId,
			done: await end(context, record, await repairRecord(context, record)),
		})),
	);
	const again = ended.filter(({ done }) => !done);
	return { batchItemFailures: again.map(({ itemIdentifier }) => ({ itemIdentifier })) };
}

async function repairRecord(context: RepairContext, record: SQSRecord): Promise<RepairOutcome> {
	const decoded = decodeRepairTask(record.body);
	if (decoded.kind === 'malformed')
		return { kind: 'hopeless', reason: `the message cannot be read: ${decoded.problem}` };
	if (decoded.kind === 'later') return { kind: 'retry', reason: 'the message is of a later version' };
	const about = { ...decoded.task, messageId: record.messageId, deliveries: deliveriesOf(record) };
	try {
		const outcome =
			decoded.kind === 'sweep'
				? await sweep(context, decoded.task)
				: await repairSession(context, decoded.task.sessionId, decoded.task.forged);
		context.log(outcome.kind === 'repaired' ? 'info' : 'warn', 'repair', { ...about, ...outcome });
		return outcome;
	} catch (error) {
		// A bug that shows with one session must not stop the repairs of the rest of the batch.
		context.log('error', 'a repair failed', { ...about, ...describeError(error) });
		return { kind: 'retry', reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
	}
}

/**
 * Repairs a page, and sends the messages that are to follow. If the function dies in between, the
 * page is repaired again. Then some messages may be sent twice, which does no harm.
 */
async function sweep(context: RepairContext, task: SweepTask): Promise<RepairOutcome> {
	const swept = await sweepPage(context, task, (sessionId, missing) =>
		context.deliveries.send(encodeRepairTask({ sessionId, missing: [missing] })),
	);
	if (swept.kind === 'retry') return swept;
	try {
		if (swept.next !== undefined) await context.deliveries.send(encodeSweepTask(swept.next));
		return { kind: 'repaired' };
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return { kind: 'retry', reason: 'the repair queue did not answer' };
	}
}

/** Whether the queue may forget the message. */
async function end(context: RepairContext, record: SQSRecord, outcome: RepairOutcome): Promise<boolean> {
	if (outcome.kind === 'repaired') return true;
	const { messageId, receiptHandle, body } = record;
	const delivery: Delivery = { receiptHandle, body, deliveries: deliveriesOf(record) };
	const givesUp = outcome.kind === 'hopeless' || delivery.deliveries >= deliveriesMax;
	const about = { messageId, deliveries: delivery.deliveries, reason: outcome.reason };
	try {
		if (!givesUp) await context.deliveries.postpone(delivery, delaySecondsAfter(delivery.deliveries));
		else {
			await context.deliveries.giveUp(delivery, outcome.reason);
			context.log('error', 'a repair was given up', about);
		}
		return givesUp;
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		// The queue itself delivers the message again after its visibility timeout, and gives it up
		// at its limit.
		context.log('warn', 'the queue did not answer', { ...about, ...describeError(error) });
		return false;
	}
}

function deliveriesOf({ attributes }: SQSRecord): number {
	return Number(attributes.ApproximateReceiveCount);
}
