import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqsRepairQueue } from '../../functions/bus/sqs-repair-queue.ts';
import { repairRecords } from '../../functions/repair/repair-records.ts';
import { createMemoryRepository } from '../../functions/repositories/memory-repository.ts';
import { createMemorySubjectIndex } from '../../functions/repositories/memory-subject-index.ts';
import type { Failed, Repository } from '../../functions/repositories/repository.ts';
import { withRevocation } from '../../functions/session/changes.ts';
import type { Session } from '../../functions/session/session.ts';
import { systemClock } from '../../functions/system/clock.ts';
import type { Log } from '../../functions/system/log.ts';
import { Unreachable } from '../../functions/system/unreachable.ts';
import { type EventSource, startEventSource } from '../../local/event-source.ts';
import { deliveriesMax, type EmbeddedQueue, embeddedSqs } from '../support/embedded-services.ts';
import { exampleSession, exampleStartMs } from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';
import { outagesOf } from '../support/outages.ts';

let queue: EmbeddedQueue;

beforeEach(async () => {
	queue = await embeddedSqs();
});

afterEach(() => queue.close());

test('what was taken by the queue is a message with the session and what missed it', async () => {
	const sessionId = freshSessionId();
	const client = queue.client();
	await createSqsRepairQueue(client, queue.sqs.queueUrl).enqueue(sessionId, ['s3']);
	const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: queue.sqs.queueUrl }));
	expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toEqual([{ schema: 1, sessionId, missing: ['s3'] }]);
});

test('every way in which the queue may be away is called unreachable', async () => {
	const outages = outagesOf(queue, 'queue', queue.sqs.queueUrl, createSqsRepairQueue);
	for (const [name, outage] of Object.entries(outages)) {
		const enqueued = outage((repairs) => repairs.enqueue(freshSessionId(), ['dynamodb']));
		await expect(enqueued, name).rejects.toBeInstanceOf(Unreachable);
	}
});

describe('the repair function behind the queue', () => {
	let dynamodb: FailingRepository;
	let s3: FailingRepository;
	let source: EventSource;
	let logged: { message: string; fields: Readonly<Record<string, unknown>> }[];

	beforeEach(() => {
		dynamodb = failing(createMemoryRepository('dynamodb'));
		s3 = failing(createMemoryRepository('s3'));
		logged = [];
		const log: Log = (_level, message, fields = {}) => logged.push({ message, fields });
		source = startEventSource(queue.sqs, {
			invoke: async (event) => {
				const payload = await repairRecords(
					{ repositories: [dynamodb, s3], subjects: createMemorySubjectIndex(), clock: systemClock },
					(event as SQSEvent).Records,
					log,
				);
				return { outcome: 'answered', payload, instance: 'repair-1', requestId: 'request' };
			},
		});
	});

	afterEach(() => source.close());

	const enqueue = (session: Session) =>
		createSqsRepairQueue(queue.client(), queue.sqs.queueUrl).enqueue(session.id, ['dynamodb']);
	const drained = () => expect.poll(() => queue.sqs.counts(), patience).toEqual({ waiting: 0, inFlight: 0, dead: 0 });

	test('gives a repository what it missed, and the message is gone', async () => {
		const session = await storedIn(s3);
		await enqueue(session);
		await drained();
		expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session });
	});

	test('leaves the message to the queue while a repository is away, and is done when it is back', async () => {
		const session = await storedIn(s3);
		dynamodb.away = true;
		await enqueue(session);
		await expect.poll(() => logged.length, patience).toBe(2);
		expect(logged.map(({ fields }) => fields['outcome'])).toEqual(['retry', 'retry']);
		dynamodb.away = false;
		await drained();
		expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session });
	});

	test('does no harm when a message comes twice, and the session has changed in between', async () => {
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

	test('gives up a message that nobody can read to the dead-letter queue, and not its neighbours', async () => {
		const session = await storedIn(s3);
		const client = queue.client();
		const send = (MessageBody: string) =>
			client.send(new SendMessageCommand({ QueueUrl: queue.sqs.queueUrl, MessageBody }));
		await send(JSON.stringify({ schema: 2, sessionId: session.id }));
		await enqueue(session);
		await expect.poll(() => queue.sqs.counts(), patience).toEqual({ waiting: 0, inFlight: 0, dead: 1 });
		expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session });
		const complaints = logged.filter(({ message }) => message === 'a repair message cannot be read');
		expect(complaints.map(({ fields }) => fields['deliveries'])).toEqual(
			Array.from({ length: deliveriesMax }, (_, index) => index + 1),
		);
		expect(complaints[0]?.fields['reason']).toMatch(/^schema: /);
	});

	test('goes on with the batch when one session of it cannot be merged', async () => {
		const broken = await storedIn(s3);
		await dynamodb.merge(broken.id, () => ({ ...broken, subject: 'issuer:mallory' }));
		const session = await storedIn(s3);
		await enqueue(broken);
		await enqueue(session);
		await expect.poll(() => queue.sqs.counts(), patience).toEqual({ waiting: 0, inFlight: 0, dead: 1 });
		expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session });
	});
});

/** As many deliveries as there may be, each with its visibility timeout of a second, and room for a busy machine. */
const patience = { timeout: 15_000, interval: 100 };

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
