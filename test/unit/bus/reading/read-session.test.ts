import { describe, expect, test } from 'vitest';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { entryOf } from '../../../../functions/repositories/subject-index.ts';
import { exampleProof, exampleSession } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import { storeWatcher } from '../../../support/subject-client.ts';

test('a record that is unverified is found and its receipt says degraded, even if no repository failed to answer', async () => {
	const session = exampleSession();
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const services = createMemoryServices({ repositories: [dynamodb, s3] });
	for (const repository of services.repositories) await repository.merge(session.id, () => session);
	const bus = services.bus((call) => (call === 'load from dynamodb' || call.startsWith('look') ? 'fails' : 'done'));
	const read = () => bus({ operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' });
	await read();
	await read();
	expect(await read()).toMatchObject({
		kind: 'found',
		receipt: { asked: [{ repository: 's3', outcome: 'found' }], degraded: true },
	});
});

test('a receipt says how long ago the session was used, by the record that was read, and never a negative time', async () => {
	const session = exampleSession();
	const services = createMemoryServices();
	for (const repository of services.repositories) await repository.merge(session.id, () => session);
	const read = () => services.bus()({ operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' });
	services.clock.setWall(session.lastSeenAtMs + 1_234);
	expect(await read()).toMatchObject({ receipt: { ageMs: 1_234 } });
	services.clock.setWall(session.lastSeenAtMs - 1);
	expect(await read()).toMatchObject({ receipt: { ageMs: 0 } });
});

test('records that contradict each other are joined for nobody, and still count in their subject’s list', async () => {
	const session = exampleSession();
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const services = createMemoryServices({ repositories: [dynamodb, s3] });
	// Both are read, because the first one seems to be idle.
	services.clock.setWall(session.lastSeenAtMs + session.idleTimeoutMs);
	dynamodb.overwrite({ ...session, credential: { ...session.credential, generation: 2, assuranceLevel: 3 } });
	s3.overwrite({ ...session, lastSeenAtMs: session.lastSeenAtMs + 1 });
	await services.subjects.change(session.subject, () => ({ outcome: undefined, entries: [entryOf(session)] }));
	const bus = services.bus();
	expect(await bus({ operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' })).toMatchObject({
		kind: 'unavailable',
		contradicted: true,
	});
	expect(
		await bus({ operation: 'list', asker: await storeWatcher(services.repositories, session.subject) }),
	).toMatchObject({
		kind: 'listed',
		sessions: [{ id: session.id }],
	});
	expect(await bus({ operation: 'inspect', sessionId: session.id, ...exampleProof })).toMatchObject({
		records: [
			{ repository: 'dynamodb', session: { credential: { generation: 2 } } },
			{ repository: 's3', session: { credential: { generation: 1 } } },
		],
	});
});

describe('at the end of an idle life', () => {
	test.each([
		['asks every repository if a session server may find the session idle', 2_500, 1],
		['asks one repository while no session server can find the session idle', 2_501, 0],
	])('the bus %s', async (_, leftMs, laterMs) => {
		const session = exampleSession();
		const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
		const services = createMemoryServices({ repositories: [dynamodb, s3] });
		services.clock.setWall(session.lastSeenAtMs + session.idleTimeoutMs - leftMs);
		dynamodb.overwrite(session);
		s3.overwrite({ ...session, lastSeenAtMs: session.lastSeenAtMs + 1 });
		expect(
			await services.bus()({ operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' }),
		).toMatchObject({ kind: 'found', session: { lastSeenAtMs: session.lastSeenAtMs + laterMs } });
	});
});
