import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { repairDelayMs } from '../../functions/bus/writing/repair-queue.ts';
import { createSqsRepairQueue } from '../../functions/bus/writing/sqs-repair-queue.ts';
import { everySession } from '../../functions/control-table/markers.ts';
import { createMemoryMarkers, type MemoryMarkers } from '../../functions/control-table/memory/markers.ts';
import { delaySecondsAfter, deliveriesMax } from '../../functions/repair/deployment/retries.ts';
import { encodeRepairTask } from '../../functions/repair/repair-message.ts';
import { repairRecords } from '../../functions/repair/repair-records.ts';
import { createSqsDeliveries } from '../../functions/repair/sqs-deliveries.ts';
import type { Failed } from '../../functions/repositories/failed.ts';
import { createMemoryRepository } from '../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../functions/repositories/memory/subject-index.ts';
import { listPageMax, type Repository } from '../../functions/repositories/repository.ts';
import { withRevocation } from '../../functions/session/changes.ts';
import type { Session } from '../../functions/session/session.ts';
import { systemClock } from '../../functions/system/clock.ts';
import type { Log } from '../../functions/system/log.ts';
import { Unreachable } from '../../functions/system/unreachable.ts';
import { type EventSource, startEventSource } from '../../local/lambda/event-source.ts';
import { startSqs, type TestedSqs } from '../support/engines/sqs.ts';
import { exampleSession, exampleStartMs } from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';
import { outagesOf } from '../support/outages.ts';

let queue: TestedSqs;

beforeEach(async () => {
	queue = await startSqs();
});

afterEach(() => queue.close());

test('the queue holds a message with the session and the repositories that missed it, and delays its delivery', async () => {
	const sessionId = freshSessionId();
	const client = queue.client(10_000);
	const begun = performance.now();
	await createSqsRepairQueue(client, queue.queueUrl).enqueue(sessionId, ['s3']);
	expect(await queue.counts()).toEqual({ waiting: 1, inFlight: 0, dead: 0 });
	const receive = new ReceiveMessageCommand({ QueueUrl: queue.queueUrl, WaitTimeSeconds: 8 });
	const { Messages = [] } = await client.send(receive);
	expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toEqual([{ schema: 1, sessionId, missing: ['s3'] }]);
	expect(performance.now() - begun).toBeGreaterThan(repairDelayMs - 100);
});

test('giving up and postponing a message report the queue as unreachable while it does not answer', async () => {
	const create = (client: SQSClient) => createSqsDeliveries(client, queue.queueUrl, queue.deadLetterUrl);
	const outages = outagesOf(queue, 'queue', '', create);
	const delivery = { receiptHandle: 'some', body: 'some', deliveries: 1 };
	for (const [name, outage] of Object.entries(outages)) {
		if (name.startsWith('a table')) continue;
		await expect(
			outage((deliveries) => deliveries.postpone(delivery, 4)),
			name,
		).rejects.toBeInstanceOf(Unreachable);
		await expect(
			outage((deliveries) => deliveries.giveUp(delivery, 'why')),
			name,
		).rejects.toBeInstanceOf(Unreachable);
	}
});

test('the queue is reported as unreachable in every kind of outage', async () => {
	const outages = outagesOf(queue, 'queue', queue.queueUrl, createSqsRepairQueue);
	for (const [name, outage] of Object.entries(outages)) {
		const enqueued = outage((repairs) => repairs.enqueue(freshSessionId(), ['dynamodb']));
		await expect(enqueued, name).rejects.toBeInstanceOf(Unreachable);
	}
});

describe('the repair function behind the queue', () => {
	let dynamodb: FailingRepository;
	let s3: FailingRepository;
	let source: EventSource;
	let markers: MemoryMarkers;
	let logged: { message: string; fields: Readonly<Record<string, unknown>>; at: number }[];

	beforeEach(() => {
		dynamodb = failing(createMemoryRepository('dynamodb'));
		s3 = failing(createMemoryRepository('s3'));
		markers = createMemoryMarkers();
		logged = [];
		const log: Log = (_level, message, fields = {}) => logged.push({ message, fields, at: performance.now() });
		const context = {
			repositories: [dynamodb, s3],
			subjects: createMemorySubjectIndex(),
			markers,
			deliveries: createSqsDeliveries(queue.client(), queue.queueUrl, queue.deadLetterUrl),
			clock: systemClock,
			log,
		};
		source = startEventSource(
			{ client: queue.client(longPollMs), queueUrl: queue.queueUrl },
			{
				invoke: async (event) => {
					const payload = await repairRecords(context, (event as SQSEvent).Records);
					return { kind: 'answered', payload, instance: 'repair-1', requestId: 'request' };
				},
			},
		);
	});

	afterEach(() => source.close());

	const send = (MessageBody: string) =>
		queue.client().send(new SendMessageCommand({ QueueUrl: queue.queueUrl, MessageBody }));
	/** Moves dead messages back, like `StartMessageMoveTask`. */
	async function moveBack(): Promise<void> {
		const client = queue.client();
		const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: queue.deadLetterUrl }));
		for (const { Body = '', ReceiptHandle } of Messages) {
			await send(Body);
			await client.send(new DeleteMessageCommand({ QueueUrl: queue.deadLetterUrl, ReceiptHandle }));
		}
	}

	/** Queues a repair like the bus, but without a delay. */
	const enqueue = ({ id }: Session) => send(encodeRepairTask({ sessionId: id, missing: ['dynamodb'] }));
	const patience = () => ({ timeout: queue.patienceMs, interval: 100 });
	const repaired = (session: Session) =>
		expect.poll(() => dynamodb.load(session.id), patience()).toEqual({ kind: 'found', session });
	const drained = () => expect.poll(() => queue.counts(), patience()).toEqual({ waiting: 0, inFlight: 0, dead: 0 });

	test('gives a repository the change that it missed, and the message is deleted', async () => {
		const session = await storedIn(s3);
		await enqueue(session);
		await repaired(session);
		await drained();
	});

	test('postpones the message for longer each time while a repository is unavailable, and repairs it afterwards', async () => {
		const session = await storedIn(s3);
		dynamodb.away = true;
		await enqueue(session);
		await expect.poll(() => logged.length, patience()).toBe(2);
		expect(logged.map(({ fields }) => fields['kind'])).toEqual(['retry', 'retry']);
		const [first, second] = logged.map(({ at }) => at);
		expect(Number(second) - Number(first)).toBeGreaterThan(1_000 * delaySecondsAfter(1) - 500);
		expect(await queue.counts()).toEqual({ waiting: 0, inFlight: 1, dead: 0 });
		dynamodb.away = false;
		await repaired(session);
		await drained();
	});

	test('continues after the queue has hung on a poll', async () => {
		const session = await storedIn(s3);
		const polls = () => queue.calls('queue', 'ReceiveMessage');
		await queue.during('queue', 'hang', async () => {
			const before = polls();
			await expect.poll(polls, patience()).toBeGreaterThan(before);
		});
		await enqueue(session);
		await repaired(session);
		await drained();
	});

	test('does no harm if a message comes twice and the session has changed in between', async () => {
		const session = await storedIn(s3);
		await enqueue(session);
		await drained();
		const ended = withRevocation(session, { atMs: exampleStartMs, reason: 'logout' });
		await dynamodb.merge(session.id, () => ended);
		await enqueue(session);
		await drained();
		for (const repository of [dynamodb, s3])
			expect(await repository.load(session.id)).toEqual({ kind: 'found', session: ended });
	});

	test('gives up an unreadable message at once, with the reason, and repairs the rest of the batch', async () => {
		const session = await storedIn(s3);
		const unreadable = JSON.stringify({ schema: 2, sessionId: session.id });
		await send(unreadable);
		await enqueue(session);
		await expect.poll(() => queue.counts(), patience()).toEqual({ waiting: 0, inFlight: 0, dead: 1 });
		expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session });
		const { Messages = [] } = await queue.client().send(
			new ReceiveMessageCommand({
				QueueUrl: queue.deadLetterUrl,
				MessageAttributeNames: ['All'],
				VisibilityTimeout: 0,
			}),
		);
		expect(Messages).toMatchObject([
			{
				Body: unreadable,
				MessageAttributes: {
					reason: { StringValue: expect.stringMatching(/cannot be read: schema: /) },
					deliveries: { StringValue: '1' },
				},
			},
		]);
	});

	test('repairs a session that was given up once its message is moved back', async () => {
		const session = await storedIn(s3);
		const deliveries = createSqsDeliveries(queue.client(), queue.queueUrl, queue.deadLetterUrl);
		const body = encodeRepairTask({ sessionId: session.id, missing: ['dynamodb'] });
		await deliveries.giveUp({ receiptHandle: '', body, deliveries: deliveriesMax }, 'DynamoDB was down for days');
		await moveBack();
		await repaired(session);
		await drained();
	});

	test('sweeps every session, page by page', async () => {
		const sessions: Session[] = [];
		for (let index = 0; index <= listPageMax; index++) sessions.push(await storedIn(s3));
		await markers.open(everySession, ['dynamodb'], { openedAtMs: 0, expiresAtMs: undefined });
		await createSqsRepairQueue(queue.client(), queue.queueUrl).enqueueSweep('dynamodb');
		await expect.poll(markers.listOpen, patience()).toEqual([]);
		for (const session of sessions) expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session });
		await drained();
	});

	test('tries a session whose records contradict each other again, and repairs the rest of the batch', async () => {
		const broken = await storedIn(s3);
		await dynamodb.merge(broken.id, () => ({ ...broken, subject: 'issuer:mallory' }));
		const session = await storedIn(s3);
		await enqueue(broken);
		await enqueue(session);
		await expect.poll(() => queue.counts(), patience()).toEqual({ waiting: 0, inFlight: 1, dead: 0 });
		expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session });
		expect(logged.map(({ fields }) => fields['reason'])).toContain('the records contradict each other');
	});
});

/** Longer than the twenty seconds that a poll of SQS may take. */
const longPollMs = 30_000;

interface FailingRepository extends Repository {
	away: boolean;
}

function failing(repository: Repository): FailingRepository {
	const failed: Failed = { kind: 'failed', reason: 'unavailable', cause: undefined };
	const failing: FailingRepository = {
		...repository,
		away: false,
		load: async (id) => (failing.away ? failed : repository.load(id)),
		merge: async (id, propose) => (failing.away ? failed : repository.merge(id, propose)),
	};
	return failing;
}

async function storedIn(repository: Repository): Promise<Session> {
	const session = exampleSession({ id: freshSessionId() });
	await repository.merge(session.id, () => session);
	return session;
}
