import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { type QueueCounts, sqsFaultAnswers, startEmbeddedSqs } from '../../../local/services/embedded-sqs.ts';
import { createServiceConditions, operationOf } from '../../../local/services/faults.ts';
import { embeddedService } from './embedded-engine.ts';
import type { EngineAccess } from './engine-access.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { engineSettings, freshName, lastStep, remoteService } from './remote-engine.ts';
import type { TestedService } from './tested-service.ts';

export interface TestedSqs extends TestedService<SQSClient> {
	readonly queueUrl: string;
	readonly deadLetterUrl: string;
	/** Asks the queue itself, regardless of the service's condition. */
	counts(): Promise<QueueCounts>;
	/** For how long `counts` may be out of date, and a due delivery may be late. */
	readonly patienceMs: number;
}

/** How often the queue delivers a message before it moves it to the dead-letter queue. */
const deliveriesMax = 3;

/** Short enough for tests to wait for the next delivery. */
const visibilitySeconds = 1;

/** Two deliveries with the delay between them, and room for a busy machine. */
const embeddedPatienceMs = 15_000;

/** `deliveriesMax` deliveries, each with its visibility timeout, and room for a busy machine. */
const remotePatienceMs = 30_000;

/** SQS documents that its counts may take a minute to be right. */
const awsPatienceMs = 120_000;

/** Starts SQS with an empty queue and its dead-letter queue. */
export async function startSqs(): Promise<TestedSqs> {
	const engine = inject('engine');
	return engine === undefined ? embeddedSqs() : remoteSqs(engine);
}

async function embeddedSqs(): Promise<TestedSqs> {
	const conditions = createServiceConditions();
	const settings = { name: 'repairs', deadLetterName: 'repairs-dead', deliveriesMax, visibilitySeconds };
	const { queueUrl, deadLetterUrl, counts, ...listener } = await startEmbeddedSqs(settings, conditions);
	return {
		...embeddedService(listener, conditions, (client) => new SQSClient(client)),
		queueUrl,
		deadLetterUrl,
		counts,
		patienceMs: embeddedPatienceMs,
	};
}

async function remoteSqs(engine: EngineAccess): Promise<TestedSqs> {
	// The test's machine may not know the host in the queue's URL.
	const useQueueUrlAsEndpoint = false;
	const direct = new SQSClient({ ...engineSettings(engine), useQueueUrlAsEndpoint });
	const create = async (name: string, Attributes: Record<string, string>): Promise<string> => {
		const { QueueUrl } = await direct.send(new CreateQueueCommand({ QueueName: freshName(engine, name), Attributes }));
		if (QueueUrl === undefined) throw new Error(`the queue ${name} was created without a URL`);
		return QueueUrl;
	};
	const attributesOf = async (QueueUrl: string) => {
		const answer = await direct.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
		return answer.Attributes ?? {};
	};
	const deadLetterUrl = await create('repairs-dead', {});
	const deadLetterTargetArn = (await attributesOf(deadLetterUrl)).QueueArn;
	const { encryptionKey } = engine;
	const queueUrl = await create('repairs', {
		...(encryptionKey === undefined ? {} : { KmsMasterKeyId: encryptionKey }),
		VisibilityTimeout: String(visibilitySeconds),
		RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: deliveriesMax }),
	});

	const conditions = createServiceConditions();
	const proxy = await startFaultProxy({
		endpoint: engine.endpoint,
		called: (request) => conditions.called('queue', operationOf(request)),
		answers: sqsFaultAnswers,
	});
	const service = remoteService(engine, conditions, proxy, (settings, via) => {
		const client = new SQSClient({ ...settings, useQueueUrlAsEndpoint });
		if (via) client.middlewareStack.add((next) => (call) => next({ ...call, request: via(call.request) }), lastStep);
		return client;
	});
	return {
		...service,
		queueUrl,
		deadLetterUrl,
		patienceMs: engine.endpoint === undefined ? awsPatienceMs : remotePatienceMs,
		counts: async () => {
			const [queue, dead] = await Promise.all([attributesOf(queueUrl), attributesOf(deadLetterUrl)]);
			return {
				waiting: Number(queue.ApproximateNumberOfMessages) + Number(queue.ApproximateNumberOfMessagesDelayed),
				inFlight: Number(queue.ApproximateNumberOfMessagesNotVisible),
				dead: Number(dead.ApproximateNumberOfMessages),
			};
		},
		close: async () => {
			direct.destroy();
			await service.close();
		},
	};
}
