import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createBus } from '../../../functions/bus/bus.ts';
import { openCarried } from '../../../functions/carried/carried-copy.ts';
import { createMemoryFeed } from '../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import type { Answer } from '../../../functions/protocol/answers.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import { exampleProof, exampleSession, exampleStamp, exampleStartMs } from '../../support/example-session.ts';
import { createDoubtPorts } from '../../support/memory/doubt-ports.ts';
import { noRepairs } from '../../support/no-repairs.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const session = exampleSession();
const { id: sessionId } = session;

const down = { kind: 'failed', reason: 'unavailable', cause: new Error('an outage') } as const;

/** A bus whose repositories take 40 ms for a load. */
function createSigningBus(isKeyPublished = true) {
	const clock = createSettableClock();
	const stores = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	let downName: string | undefined;
	const repositories = stores.map(
		(store): Repository => ({
			...store,
			load: async (id) => {
				clock.advance(40);
				return store.name === downName ? down : store.load(id);
			},
			merge: async (...merge) => (store.name === downName ? down : store.merge(...merge)),
		}),
	);
	const bus = createBus({
		repositories,
		subjects: createMemorySubjectIndex(),
		...createDoubtPorts(),
		repairs: noRepairs,
		leases: createMemoryLeaseTable(),
		feed: createMemoryFeed(),
		clock,
		timing: timingDefaults,
		log: () => undefined,
		currentSigningKey: () => (isKeyPublished ? { id: 'k', privateKey } : undefined),
	});
	return {
		bus,
		clock,
		store: async () => {
			for (const repository of stores) await repository.merge(sessionId, () => session);
		},
		takeDown: (name: 'dynamodb' | 's3') => {
			downName = name;
		},
	};
}

function opened(answer: Answer) {
	return answer.kind === 'found' && answer.carried !== undefined ? openCarried(publicKey, answer.carried) : undefined;
}

const read = { operation: 'read', sessionId, ...exampleProof, demand: 'bounded' } as const;

describe('the bus', () => {
	test('dates a copy by the moment before it asked anything', async () => {
		const { bus, clock, store } = createSigningBus();
		await store();
		const beforeMs = clock.now().wallMs;
		const copy = opened(await bus(read));
		expect(clock.now().wallMs).toBeGreaterThan(beforeMs);
		expect(copy).toMatchObject({ knownAtMs: beforeMs, session: { id: sessionId, partial: true } });
	});

	test('signs what is found by a read, a recovery, a change, a report and a login', async () => {
		const { bus, store } = createSigningBus();
		const quota = { max: 9, action: 'deny' } as const;
		expect(opened(await bus({ operation: 'create', session, quota }))).toBeDefined();
		await store();
		const named = { sessionId, ...exampleProof };
		const adopter = 'a'.repeat(16) as typeof session.owner.instanceId;
		expect(opened(await bus(read))).toBeDefined();
		const recovered = await bus({ ...read, operation: 'recover', adopter });
		expect(opened(recovered)).toMatchObject({ session: { owner: { instanceId: adopter } } });
		expect(opened(await bus({ operation: 'touch', ...named, seenAtMs: exampleStartMs + 1 }))).toBeDefined();
		const change = { operation: 'update', ...named, changes: { theme: 'dark' }, stamp: exampleStamp(1) } as const;
		expect(opened(await bus(change))).toMatchObject({ session: { attributes: {} } });
	});

	test('signs no use that the repositories do not have', async () => {
		const { bus, store } = createSigningBus();
		await store();
		const seenAtMs = session.lastSeenAtMs + 100;
		for (const operation of ['read', 'recover'] as const) {
			const adopter = session.owner.instanceId;
			const answer = await bus({
				...read,
				seenAtMs,
				...(operation === 'read' ? { operation } : { operation, adopter }),
			});
			expect(answer).toMatchObject({ session: { lastSeenAtMs: seenAtMs } });
			expect(opened(answer)?.session.lastSeenAtMs).toBe(session.lastSeenAtMs);
		}
	});

	test('signs nothing that a repository could not vouch for', async () => {
		const { bus, store, takeDown } = createSigningBus();
		await store();
		takeDown('dynamodb');
		const answer = await bus({ ...read, demand: 'lenient' });
		expect(answer).toMatchObject({ kind: 'found', receipt: { degraded: true } });
		expect(answer).not.toHaveProperty('carried');
	});

	test('signs no tombstone, and nothing without a key', async () => {
		const { bus, store } = createSigningBus();
		await store();
		const keyless = createSigningBus(false);
		await keyless.store();
		const revocation = { atMs: exampleStartMs, reason: 'logout' } as const;
		const asker = { sessionId, ...exampleProof };
		await bus({ operation: 'revoke', sessionId, asker, revocation, changeId: 'c', proofWanted: false });
		expect(await bus(read)).not.toHaveProperty('carried');
		const unsigned = await keyless.bus(read);
		expect(unsigned).toMatchObject({ kind: 'found' });
		expect(unsigned).not.toHaveProperty('carried');
	});
});
