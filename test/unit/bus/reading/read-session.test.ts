import { expect, test } from 'vitest';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { exampleProof, exampleSession } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';

test('a record that is unverified is found and its receipt says degraded, even if no repository failed to answer', async () => {
	const session = exampleSession();
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const { ledger } = dynamodb;
	const failed = { kind: 'failed', reason: 'unavailable', cause: undefined } as const;
	const silent = { ...dynamodb, ledger: { ...ledger, readNote: async () => failed } };
	const services = createMemoryServices({ repositories: [silent, s3] });
	for (const repository of services.repositories) await repository.merge(session.id, () => session);
	const bus = services.bus((call) => (call === 'load from dynamodb' ? 'fails' : 'done'));
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
