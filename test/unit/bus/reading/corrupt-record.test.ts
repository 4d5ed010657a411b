import { beforeEach, expect, test } from 'vitest';
import { createBus } from '../../../../functions/bus/bus.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { createMemorySubjectIndex } from '../../../../functions/repositories/memory/subject-index.ts';
import type { SessionId } from '../../../../functions/session/session.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { exampleProof, exampleSession } from '../../../support/example-session.ts';
import {
	type CorruptibleRepository,
	createCorruptibleRepository,
} from '../../../support/memory/corruptible-repository.ts';
import { createDoubtPorts } from '../../../support/memory/doubt-ports.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const session = exampleSession();
/** No timer elapses, so no read is hedged and no look is given up. */
const clock = { ...createSettableClock(), delay: () => new Promise<never>(() => undefined) };
let dynamodb: CorruptibleRepository;
let s3: CorruptibleRepository;
let queued: { sessionId: SessionId; missing: readonly string[] }[];
let queueDown: boolean;

beforeEach(async () => {
	[dynamodb, s3] = [createCorruptibleRepository('dynamodb'), createCorruptibleRepository('s3')];
	for (const repository of [dynamodb, s3]) await repository.merge(session.id, () => session);
	queued = [];
	queueDown = false;
});

function startBus() {
	const bus = createBus({
		repositories: [dynamodb, s3],
		subjects: createMemorySubjectIndex(),
		repairs: {
			enqueue: async (sessionId, missing) => {
				if (queueDown) throw new Unreachable('repair queue', undefined);
				queued.push({ sessionId, missing });
			},
			enqueueSweep: async () => undefined,
		},
		leases: createMemoryLeaseTable(),
		feed: createMemoryFeed(),
		...createDoubtPorts(),
		clock,
		timing: timingDefaults,
		log: () => undefined,
	});
	return () => bus({ operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' });
}

test('a session whose record is corrupt is answered from the other repository, and its repair is queued once a minute', async () => {
	dynamodb.spoil(session.id);
	const read = startBus();
	const asked = [
		{ repository: 'dynamodb', outcome: 'corrupt' },
		{ repository: 's3', outcome: 'found' },
	];
	for (let time = 0; time < 3; time++)
		expect(await read()).toMatchObject({ kind: 'found', session, receipt: { chosen: 's3', asked, degraded: true } });
	expect(queued).toEqual([{ sessionId: session.id, missing: ['dynamodb'] }]);
	clock.advance(60_000);
	await read();
	expect(queued).toHaveLength(2);
});

test('a repair that the queue did not take is queued by the next read', async () => {
	dynamodb.spoil(session.id);
	queueDown = true;
	const read = startBus();
	expect(await read()).toMatchObject({ kind: 'found' });
	queueDown = false;
	await read();
	expect(queued).toHaveLength(1);
});

test('a session whose record is of a later version is answered from the other repository and not repaired', async () => {
	dynamodb.spoil(session.id, 'unknown-schema');
	expect(await startBus()()).toMatchObject({
		kind: 'found',
		receipt: { chosen: 's3', asked: [{ repository: 'dynamodb', outcome: 'unknown-schema' }, { outcome: 'found' }] },
	});
	expect(queued).toEqual([]);
});

test.each(['corrupt', 'unknown-schema'] as const)(
	'a session is unavailable when every record is %s',
	async (reason) => {
		for (const repository of [dynamodb, s3]) repository.spoil(session.id, reason);
		expect(await startBus()()).toMatchObject({ kind: 'unavailable' });
	},
);
