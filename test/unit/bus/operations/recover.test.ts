import { describe, expect, test } from 'vitest';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { withRevocation } from '../../../../functions/session/changes.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { exampleInstanceId, exampleProof, exampleSession, exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryServices, type Fate } from '../../../support/memory/memory-bus.ts';

const session = exampleSession();
const ended = withRevocation(session, { atMs: exampleStartMs, reason: 'logout' });

test.each([
	['its owner asks for it', session, session.owner.instanceId],
	['it has ended', ended, exampleInstanceId(7)],
])('a session is answered as it is and nothing is written when %s', async (_when, stored: Session, adopter) => {
	const services = createMemoryServices();
	for (const repository of services.repositories) await repository.merge(session.id, () => stored);
	const calls: string[] = [];
	const bus = services.bus((call) => {
		calls.push(call);
		return 'done';
	});
	const answer = await bus({
		operation: 'recover',
		sessionId: session.id,
		...exampleProof,
		demand: 'bounded',
		adopter,
	});
	expect(answer).toMatchObject({ session: stored });
	expect(calls.filter((call) => !call.startsWith('look'))).toEqual(['load from dynamodb']);
});

test.each(['read lease', 'merge in'])(
	'a session is lent and keeps its owner when the bus cannot %s',
	async (failing) => {
		const services = createMemoryServices();
		for (const repository of services.repositories) await repository.merge(session.id, () => session);
		const bus = services.bus((call) => (call.startsWith(failing) ? 'fails' : 'done'));
		const recover = { operation: 'recover', sessionId: session.id, ...exampleProof, demand: 'bounded' } as const;
		expect(await bus({ ...recover, adopter: exampleInstanceId(7) })).toMatchObject({ kind: 'found', session });
		for (const repository of services.repositories)
			expect(await repository.load(session.id)).toEqual({ kind: 'found', session });
		expect(await services.bus()({ ...recover, adopter: exampleInstanceId(7) })).toMatchObject({
			session: { owner: { instanceId: exampleInstanceId(7) } },
		});
	},
);

test.each([Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER, 1e300])(
	'a session is lent and keeps its owner if no epoch can follow %d',
	async (epoch) => {
		const services = createMemoryServices();
		const stored = { ...session, owner: { ...session.owner, epoch } };
		for (const repository of services.repositories) await repository.merge(session.id, () => stored);
		const recover = { operation: 'recover', sessionId: session.id, ...exampleProof, demand: 'bounded' } as const;
		const answer = await services.bus()({ ...recover, adopter: exampleInstanceId(7) });
		expect(answer).toMatchObject({ kind: 'found', session: stored });
		expect(answer).not.toHaveProperty('adopted');
	},
);

test.each([
	['read lease', 'answers'],
	['read lease', 'is silent'],
	['merge in dynamodb', 'answers'],
])(
	'a bus that was frozen before its call "%s" gives no epoch away in a repository that was set back meanwhile, and the control table %s',
	async (frozenBefore, afterwards) => {
		const dynamodb = createMemoryRepository('dynamodb');
		const s3 = createMemoryRepository('s3');
		const services = createMemoryServices({ repositories: [dynamodb, s3] });
		for (const repository of services.repositories) await repository.merge(session.id, () => session);
		const recover = { operation: 'recover', sessionId: session.id, ...exampleProof, demand: 'bounded' } as const;
		const count = async () => {
			await services.bus()({ operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' });
			await new Promise((resolve) => setTimeout(resolve, 20));
		};
		await count();
		const setBack = dynamodb.backUp();
		let isFrozen = true;
		const bus = services.bus(async (call): Promise<Fate> => {
			if (call.startsWith('look') && !isFrozen && afterwards === 'is silent') return 'fails';
			if (call !== frozenBefore || !isFrozen) return 'done';
			isFrozen = false;
			services.clock.advance(20_000);
			await count();
			await services.bus()({ ...recover, adopter: exampleInstanceId(8) });
			setBack();
			return 'done';
		});
		const answer = await bus({ ...recover, adopter: exampleInstanceId(9) });
		expect(isFrozen).toBe(false);
		expect(answer).not.toHaveProperty('adopted');
		expect(await dynamodb.load(session.id)).not.toMatchObject({
			session: { owner: { instanceId: exampleInstanceId(9) } },
		});
		expect(await s3.load(session.id)).toMatchObject({
			session: { owner: { instanceId: exampleInstanceId(8), epoch: 2 } },
		});
	},
);

describe('a message that names the owner that was found sealed', () => {
	const recover = {
		operation: 'recover',
		sessionId: session.id,
		...exampleProof,
		demand: 'bounded',
		adopter: exampleInstanceId(7),
	} as const;

	async function setUp(owner = session.owner, fails?: string) {
		const services = createMemoryServices();
		for (const repository of services.repositories) await repository.merge(session.id, () => ({ ...session, owner }));
		const calls: string[] = [];
		const bus = services.bus((call) => {
			calls.push(call);
			return call === fails ? 'fails' : 'done';
		});
		return { services, calls, ask: () => bus({ ...recover, sealedOwner: session.owner.instanceId }) };
	}

	test('is answered with the session before anything is written, and the lease is read beside it', async () => {
		const { calls, ask } = await setUp();
		expect(await ask()).toMatchObject({ kind: 'found', adoptable: true, session: { owner: session.owner } });
		// One of the looks is for the marker of every session.
		expect(calls.toSorted()).toEqual(['load from dynamodb', 'look', 'look at every session', 'read lease']);
	});

	test('does not say so of a session whose owner is another one, and alive', async () => {
		const owner = { epoch: 2, instanceId: exampleInstanceId(8) };
		const { services, ask } = await setUp(owner);
		await services.leases.acquire(owner.instanceId, exampleStartMs + 60_000);
		const answer = await ask();
		expect(answer).toMatchObject({ kind: 'found', session: { owner } });
		expect(answer).not.toHaveProperty('adoptable');
		expect(answer).not.toHaveProperty('adopted');
	});

	test('waits once for a control table that does not answer, although the owner is another one', async () => {
		const owner = { epoch: 2, instanceId: exampleInstanceId(8) };
		const { calls, ask } = await setUp(owner, 'read lease');
		const answer = await ask();
		expect(answer).toMatchObject({ kind: 'found', session: { owner } });
		expect(answer).not.toHaveProperty('adoptable');
		expect(calls.filter((call) => call === 'read lease')).toHaveLength(1);
	});

	test('says so of a session whose owner is another one, and sealed', async () => {
		const owner = { epoch: 2, instanceId: exampleInstanceId(8) };
		const { ask } = await setUp(owner);
		expect(await ask()).toMatchObject({ kind: 'found', adoptable: true, session: { owner } });
	});

	test('is no message to store a new owner, however often it is sent', async () => {
		const { services, ask } = await setUp();
		for (let time = 0; time < 2; time++) expect(await ask()).toMatchObject({ adoptable: true });
		for (const repository of services.repositories)
			expect(await repository.load(session.id)).toEqual({ kind: 'found', session });
		expect(await services.bus()(recover)).toMatchObject({ adopted: true });
		expect(await ask()).toMatchObject({ session: { owner: { instanceId: recover.adopter } } });
		expect(await ask()).not.toHaveProperty('adoptable');
	});
});
