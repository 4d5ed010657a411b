import type { SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import { everySession } from '../../../functions/control-table/markers.ts';
import { createMemoryMarkers, type MemoryMarkers } from '../../../functions/control-table/memory/markers.ts';
import type { Deliveries } from '../../../functions/repair/deliveries.ts';
import { delaySecondsAfter, deliveriesMax } from '../../../functions/repair/deployment/retries.ts';
import { decodeRepairTask, encodeRepairTask, encodeSweepTask } from '../../../functions/repair/repair-message.ts';
import { repairRecords } from '../../../functions/repair/repair-records.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import { listPageMax } from '../../../functions/repositories/repository.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import { exampleSession } from '../../support/example-session.ts';
import { freshSessionId } from '../../support/fresh-ids.ts';
import {
	type CorruptibleRepository,
	createCorruptibleRepository,
} from '../../support/memory/corruptible-repository.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

const session = exampleSession();
let dynamodb: CorruptibleRepository;
let s3: CorruptibleRepository;
let queue: { postponed: number[]; sent: string[]; dead: { reason: string; deliveries: number }[]; away: boolean };
let markers: MemoryMarkers;

beforeEach(async () => {
	[dynamodb, s3] = [createCorruptibleRepository('dynamodb'), createCorruptibleRepository('s3')];
	await s3.merge(session.id, () => session);
	queue = { postponed: [], sent: [], dead: [], away: false };
	markers = createMemoryMarkers();
});

/**
 * Handles a message at its `delivered`-th delivery, and returns whether the queue has to deliver it
 * again.
 */
async function handle(delivered: number, body = encodeRepairTask({ sessionId: session.id, missing: ['dynamodb'] })) {
	const reach = () => {
		if (queue.away) throw new Unreachable('repair queue', undefined);
	};
	const deliveries: Deliveries = {
		postpone: async (_delivery, seconds) => {
			reach();
			queue.postponed.push(seconds);
		},
		send: async (sent) => {
			reach();
			queue.sent.push(sent);
		},
		giveUp: async ({ deliveries }, reason) => {
			reach();
			queue.dead.push({ reason, deliveries });
		},
	};
	const attributes = { ApproximateReceiveCount: String(delivered) };
	const record = { messageId: 'm', receiptHandle: 'r', body, attributes } as SQSRecord;
	const context = {
		repositories: [dynamodb, s3],
		subjects: createMemorySubjectIndex(),
		markers,
		deliveries,
		clock: createSettableClock(),
		log: () => undefined,
	};
	const { batchItemFailures } = await repairRecords(context, [record]);
	return batchItemFailures.length === 0 ? 'done' : 'comes again';
}

describe('a message whose repository is unavailable', () => {
	beforeEach(() => dynamodb.spoil(session.id, 'unavailable'));

	test('comes again after twice as long each time, up to five minutes', async () => {
		for (const delivered of [1, 2, 3, 7, 8, 100, deliveriesMax - 1])
			expect(await handle(delivered)).toBe('comes again');
		expect(queue.postponed).toEqual([4, 8, 16, 256, 300, 300, 300]);
	});

	test('comes again for more than three days, but not until the queue would drop it', () => {
		let seconds = 0;
		for (let delivered = 1; delivered < deliveriesMax; delivered++) seconds += delaySecondsAfter(delivered);
		expect(seconds / 86_400).toBeGreaterThan(3.4);
		expect(seconds / 86_400).toBeLessThan(14);
	});

	test('is given up, with the reason, at its last delivery', async () => {
		expect(await handle(deliveriesMax)).toBe('done');
		expect(queue.dead).toEqual([{ reason: 'dynamodb: unavailable', deliveries: deliveriesMax }]);
		expect(queue.postponed).toEqual([]);
	});

	test('is left to the queue if the queue does not answer', async () => {
		queue.away = true;
		expect(await handle(1)).toBe('comes again');
		expect(await handle(deliveriesMax)).toBe('comes again');
	});
});

test('a message that cannot be read is given up as soon as the queue answers', async () => {
	queue.away = true;
	expect(await handle(1, 'nonsense')).toBe('comes again');
	queue.away = false;
	expect(await handle(2, 'nonsense')).toBe('done');
	expect(queue.dead).toEqual([{ reason: expect.stringMatching(/cannot be read/), deliveries: 2 }]);
});

test('a message of a later version comes again, until a later version takes it or its deliveries are used up', async () => {
	const later = JSON.stringify({ schema: 3, sessions: [session.id] });
	expect(await handle(1, later)).toBe('comes again');
	expect(queue).toMatchObject({ postponed: [4], dead: [] });
	expect(await handle(deliveriesMax, later)).toBe('done');
	expect(queue.dead).toEqual([{ reason: 'the message is of a later version', deliveries: deliveriesMax }]);
});

test('a hopeless repair is given up at once', async () => {
	s3.spoil(session.id);
	expect(await handle(1)).toBe('done');
	expect(queue.dead).toEqual([{ reason: expect.stringMatching(/s3 is corrupt/), deliveries: 1 }]);
});

test('a message settles the markers of its session, and of no other one', async () => {
	const at = { openedAtMs: 0, expiresAtMs: session.absoluteExpiresAtMs };
	const other = freshSessionId();
	await markers.open(session.id, ['dynamodb'], at);
	await markers.open(other, ['dynamodb'], at);
	expect(await handle(1)).toBe('done');
	expect(markers.listOpen()).toEqual([{ id: other, missing: 'dynamodb' }]);
});

test('a message comes again if its marker cannot be settled', async () => {
	await markers.open(session.id, ['dynamodb'], { openedAtMs: 0, expiresAtMs: undefined });
	const { settle } = markers;
	const silent = async () => {
		throw new Unreachable('control table', undefined);
	};
	markers = { ...markers, settle: silent };
	expect(await handle(3)).toBe('comes again');
	expect(queue.postponed).toEqual([16]);
	markers = { ...markers, settle };
	expect(await handle(4)).toBe('done');
	expect(markers.listOpen()).toEqual([]);
});

describe('a message for a sweep', () => {
	const body = encodeSweepTask({ missing: 'dynamodb' });

	beforeEach(async () => {
		for (let index = 0; index < listPageMax; index++) {
			const other = exampleSession({ id: freshSessionId() });
			await s3.merge(other.id, () => other);
		}
		await markers.open(everySession, ['dynamodb'], { openedAtMs: 0, expiresAtMs: undefined });
	});

	test('repairs a page and sends a message for the next one', async () => {
		expect(await handle(1, body)).toBe('done');
		expect(queue.sent.map(decodeRepairTask)).toMatchObject([{ kind: 'sweep', task: { missing: 'dynamodb' } }]);
		const [next] = queue.sent as [string];
		expect(await handle(1, next)).toBe('done');
		expect(queue.sent).toHaveLength(1);
		expect(await dynamodb.stored(session.id)).toEqual(session);
		expect(markers.listOpen()).toEqual([]);
	});

	test('sends a message for each session that needs its own repair', async () => {
		s3.spoil(session.id);
		await handle(1, body);
		await handle(1, queue.sent.findLast((sent) => decodeRepairTask(sent).kind === 'sweep') ?? '');
		const own = queue.sent.map(decodeRepairTask).filter(({ kind }) => kind === 'task');
		expect(own).toEqual([{ kind: 'task', task: { sessionId: session.id, missing: ['dynamodb'] } }]);
	});

	test('comes again if the queue does not take the next message', async () => {
		queue.away = true;
		expect(await handle(1, body)).toBe('comes again');
	});
});
