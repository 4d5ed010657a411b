import { createServer } from 'node:http';
import { buildApp } from 'fauxqs';
import { type Listener, listen } from '../system/listen.ts';
import { queueArn, queueUrl } from '../system/local-account.ts';
import { forOwnMachine } from '../system/own-machine.ts';
import { admitCall, type FaultAnswers, operationOf, type ServiceAnswer, type ServiceConditions } from './faults.ts';

export interface QueueSettings {
	readonly name: string;
	/** The queue that gets a message after `deliveriesMax` failed deliveries. */
	readonly deadLetterName: string;
	readonly deliveriesMax: number;
	/**
	 * How long a delivered message stays invisible before it is delivered again, unless it is
	 * deleted.
	 */
	readonly visibilitySeconds: number;
}

/** Numbers of messages. */
export interface QueueCounts {
	/** Due for delivery, or delayed. */
	readonly waiting: number;
	/** Delivered, and neither deleted nor due again. */
	readonly inFlight: number;
	/** Given up, in the dead-letter queue. */
	readonly dead: number;
}

export interface EmbeddedSqs extends Listener {
	readonly queueUrl: string;
	readonly deadLetterUrl: string;
	/** Not affected by the service's condition. */
	counts(): Promise<QueueCounts>;
	/**
	 * Moves the dead messages back to the queue, as `StartMessageMoveTask` does. Not affected by
	 * the condition.
	 *
	 * @returns the number of moved messages
	 */
	redrive(): Promise<number>;
}

/**
 * Starts SQS in this process, in memory, with one queue, its dead-letter queue, and the condition
 * of the service `queue`.
 */
export async function startEmbeddedSqs(settings: QueueSettings, conditions: ServiceConditions): Promise<EmbeddedSqs> {
	const app = buildApp({ logger: false });
	await app.ready();

	async function call(operation: string, input: object): Promise<unknown> {
		const { statusCode, body } = await app.inject({
			method: 'POST',
			url: '/',
			headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
			payload: JSON.stringify(input),
		});
		if (statusCode !== 200) throw new Error(`${operation} failed with status ${statusCode}: ${body}`);
		return JSON.parse(body);
	}

	async function attributesOf(url: string): Promise<Readonly<Record<string, string>>> {
		const answer = await call('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
		return (answer as { Attributes: Record<string, string> }).Attributes;
	}

	await call('CreateQueue', { QueueName: settings.deadLetterName });
	await call('CreateQueue', {
		QueueName: settings.name,
		Attributes: {
			VisibilityTimeout: String(settings.visibilitySeconds),
			RedrivePolicy: JSON.stringify({
				deadLetterTargetArn: queueArn(settings.deadLetterName),
				maxReceiveCount: settings.deliveriesMax,
			}),
		},
	});

	const server = createServer(async (request, response) => {
		if (!(await admitCall(conditions.called('queue', operationOf(request)), response, sqsFaultAnswers))) return;
		app.routing(request, response);
	});
	const listener = await listen(conditions.connections.watch(forOwnMachine(server)));
	const urls = {
		queueUrl: queueUrl(listener.url, settings.name),
		deadLetterUrl: queueUrl(listener.url, settings.deadLetterName),
	};
	return {
		url: listener.url,
		...urls,
		counts: async () => {
			const [queue, dead] = await Promise.all([attributesOf(urls.queueUrl), attributesOf(urls.deadLetterUrl)]);
			return {
				waiting: Number(queue['ApproximateNumberOfMessages']) + Number(queue['ApproximateNumberOfMessagesDelayed']),
				inFlight: Number(queue['ApproximateNumberOfMessagesNotVisible']),
				dead: Number(dead['ApproximateNumberOfMessages']),
			};
		},
		redrive: async () => {
			for (let moved = 0; ; moved++) {
				const answer = await call('ReceiveMessage', { QueueUrl: urls.deadLetterUrl, WaitTimeSeconds: 0 });
				const [dead] = (answer as { Messages?: readonly DeadMessage[] }).Messages ?? [];
				if (dead === undefined) return moved;
				await call('SendMessage', { QueueUrl: urls.queueUrl, MessageBody: dead.Body });
				await call('DeleteMessage', { QueueUrl: urls.deadLetterUrl, ReceiptHandle: dead.ReceiptHandle });
			}
		},
		close: async () => {
			await listener.close();
			await app.close();
		},
	};
}

interface DeadMessage {
	readonly Body: string;
	readonly ReceiptHandle: string;
}

const failure = (status: number, type: string, message: string): ServiceAnswer => ({
	status,
	headers: { 'content-type': 'application/x-amz-json-1.0' },
	body: JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message }),
});

export const sqsFaultAnswers: FaultAnswers = {
	error: failure(500, 'InternalFailure', 'The request processing has failed because of an unknown error.'),
	throttle: failure(403, 'RequestThrottled', 'The request was denied due to request throttling.'),
};
