import { expect, test } from 'vitest';
import { createBus } from '../../../../functions/bus/bus.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../../functions/repositories/memory/subject-index.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { stubOf } from '../../../../functions/session/stub.ts';
import {
	exampleInstanceId,
	exampleProof,
	exampleSession,
	exampleStamp,
	exampleStartMs,
} from '../../../support/example-session.ts';
import { createDoubtPorts } from '../../../support/memory/doubt-ports.ts';
import { noRepairs } from '../../../support/no-repairs.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

/* TTL has removed the session from DynamoDB, so the bus finds it only in S3. */

const session = exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } });
const seenAtMs = exampleStartMs + 60_000;

async function open(fits: (session: Session) => boolean = () => true) {
	const clock = createSettableClock(seenAtMs);
	const [dynamodb, s3] = [createMemoryRepository('dynamodb', fits), createMemoryRepository('s3')];
	await s3.merge(session.id, () => session);
	const bus = createBus({
		repositories: [dynamodb, s3],
		subjects: createMemorySubjectIndex(),
		repairs: noRepairs,
		leases: createMemoryLeaseTable(),
		feed: createMemoryFeed(),
		...createDoubtPorts(),
		clock,
		timing: timingDefaults,
		log: () => undefined,
	});
	return { bus, dynamodb, s3 };
}

test('a dormant session is read from S3, and reading it leaves DynamoDB as it is', async () => {
	const { bus, dynamodb } = await open();
	const answer = await bus({ operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' });
	expect(answer).toMatchObject({ kind: 'found', session, receipt: { chosen: 's3', degraded: false } });
	expect(await dynamodb.load(session.id)).toEqual({ kind: 'absent' });
});

test('a dormant session is in DynamoDB again, whole, after it was used', async () => {
	const { bus, dynamodb, s3 } = await open();
	const touched = await bus({ operation: 'touch', sessionId: session.id, ...exampleProof, seenAtMs });
	expect(touched).toMatchObject({ kind: 'found', receipt: { degraded: false } });
	expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session: { ...session, lastSeenAtMs: seenAtMs } });
	expect(await s3.load(session.id)).toEqual(await dynamodb.load(session.id));
});

test('a dormant session is in DynamoDB again when it gets another owner', async () => {
	const { bus, dynamodb } = await open();
	const adopter = exampleInstanceId(7);
	const answer = await bus({
		operation: 'recover',
		sessionId: session.id,
		...exampleProof,
		demand: 'bounded',
		adopter,
	});
	expect(answer).toMatchObject({ kind: 'found', session: { owner: { instanceId: adopter } } });
	expect(await dynamodb.load(session.id)).toMatchObject({ session: { attributes: session.attributes } });
});

test('a dormant session that does not fit into DynamoDB is stored there as a stub when it is adopted', async () => {
	const { bus, dynamodb, s3 } = await open(({ attributes }) => Object.keys(attributes).length === 0);
	const adopter = exampleInstanceId(7);
	const answer = await bus({
		operation: 'recover',
		sessionId: session.id,
		...exampleProof,
		demand: 'bounded',
		adopter,
	});
	expect(answer).toMatchObject({
		kind: 'found',
		session: { owner: { instanceId: adopter }, attributes: session.attributes },
	});
	const inS3 = await s3.load(session.id);
	if (inS3.kind !== 'found') throw new Error('S3 has lost the session');
	expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session: stubOf(inS3.session) });
});
