import { setTimeout as delay } from 'node:timers/promises';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { localAccount, queueArn } from '../system/local-account.ts';
import type { FunctionPool, InvocationOutcome } from './function-pool.ts';

export interface EventSource {
	/** Stops polling, and waits for the current batch. */
	close(): Promise<void>;
}

export interface PolledQueue {
	/**
	 * Its request timeout must be longer than a poll. The event source destroys it when it is
	 * closed.
	 */
	readonly client: SQSClient;
	readonly queueUrl: string;
}

/**
 * Stands in for a Lambda event source mapping. It polls the queue, invokes the function with a
 * batch, and deletes the messages that the function did not report as failed. The queue delivers
 * the others again when they are due.
 */
export function startEventSource({ client, queueUrl }: PolledQueue, pool: Pick<FunctionPool, 'invoke'>): EventSource {
	const ending = new AbortController();
	const polling = poll();

	async function poll(): Promise<void> {
		while (!ending.signal.aborted) {
			try {
				await drain(await receive());
			} catch {
				// The queue is unavailable, or the region is stopping. Messages that were not
				// deleted are delivered again.
				await delay(pauseMs, undefined, { signal: ending.signal }).catch(() => undefined);
			}
		}
	}

	async function receive(): Promise<readonly Message[]> {
		const { Messages = [] } = await client.send(
			new ReceiveMessageCommand({
				QueueUrl: queueUrl,
				MaxNumberOfMessages: batchMax,
				WaitTimeSeconds: waitSeconds,
				MessageSystemAttributeNames: ['All'],
			}),
			{ abortSignal: AbortSignal.any([ending.signal, AbortSignal.timeout(callMsMax)]) },
		);
		return Messages;
	}

	async function drain(messages: readonly Message[]): Promise<void> {
		if (messages.length === 0) return;
		const failed = failedOf(await pool.invoke(eventOf(messages, queueUrl)), messages);
		const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
		if (done.length === 0) return;
		const Entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
		const deletion = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries });
		await client.send(deletion, { abortSignal: AbortSignal.timeout(callMsMax) });
	}

	return {
		close: async () => {
			ending.abort();
			await polling;
			client.destroy();
		},
	};
}

/** SQS's limit for one call, and Lambda's default. */
const batchMax = 10;
/** A message ends the wait early, so a short wait only costs a few empty answers. */
const waitSeconds = 2;
/** A queue that hangs counts as unavailable. A later poll finds it available again. */
const callMsMax = 1_000 * waitSeconds + 1_000;
const pauseMs = 1_000;

/**
 * Every message counts as failed if the function failed or reported a message that was not in its
 * batch.
 */
function failedOf(outcome: InvocationOutcome, messages: readonly Message[]): ReadonlySet<string | undefined> {
	const all = new Set(messages.map(({ MessageId }) => MessageId));
	if (outcome.kind !== 'answered') return all;
	const report = outcome.payload as { batchItemFailures?: readonly { itemIdentifier?: string }[] } | null | undefined;
	const failed = new Set((report?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
	return [...failed].every((id) => all.has(id)) ? failed : all;
}

function eventOf(messages: readonly Message[], queueUrl: string): SQSEvent {
	return {
		Records: messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', MD5OfBody = '', Attributes = {} }) => ({
			messageId: MessageId,
			receiptHandle: ReceiptHandle,
			body: Body,
			attributes: {
				ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? '1',
				SentTimestamp: Attributes.SentTimestamp ?? '0',
				SenderId: Attributes.SenderId ?? '',
				ApproximateFirstReceiveTimestamp: Attributes.ApproximateFirstReceiveTimestamp ?? '0',
			},
			messageAttributes: {},
			md5OfBody: MD5OfBody,
			eventSource: 'aws:sqs',
			eventSourceARN: queueArn(queueUrl.slice(queueUrl.lastIndexOf('/') + 1)),
			awsRegion: localAccount.region,
		})),
	};
}
