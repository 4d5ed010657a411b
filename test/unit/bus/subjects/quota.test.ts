import { describe, expect, test } from 'vitest';
import type { Quota } from '../../../../functions/access/quota.ts';
import type { Bus } from '../../../../functions/bus/bus.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { exampleProof } from '../../../support/example-session.ts';
import { createMemoryServices, type Fate } from '../../../support/memory/memory-bus.ts';
import {
	create,
	createWithoutIndex,
	endAll,
	list,
	listed,
	liveOf,
	logOut,
	sessionAt,
} from '../../../support/subject-client.ts';

const endOldest: Quota = { max: 3, action: 'end-oldest' };

/** Services, and a subject with three sessions, a second apart. */
async function withThree() {
	const services = createMemoryServices();
	const bus = services.bus();
	const sessions: Session[] = [];
	for (let count = 0; count < 3; count++) {
		const session = sessionAt(services.clock.now().wallMs);
		expect(await create(bus, session, endOldest)).toMatchObject({ kind: 'found', receipt: { degraded: false } });
		sessions.push(session);
		services.clock.advance(1_000);
	}
	const [first, second, third] = sessions as [Session, Session, Session];
	return { services, bus, sessions, first, second, third, fresh: sessionAt(services.clock.now().wallMs) };
}

describe('the login beyond the quota', () => {
	test('is denied and leaves neither a session nor an entry', async () => {
		const { bus, sessions, fresh } = await withThree();
		const answer = await create(bus, fresh, { max: 3, action: 'deny' });
		expect(answer).toEqual({ kind: 'quota-exceeded', max: 3 });
		expect(await liveOf(bus, [...sessions, fresh])).toEqual(sessions.map(({ id }) => id));
		expect(await listed(bus)).not.toContain(fresh.id);
	});

	test('is unavailable while no repository can say whether the other sessions are live', async () => {
		const { services, bus, sessions } = await withThree();
		services.clock.advance(61_000);
		const fresh = sessionAt(services.clock.now().wallMs);
		const blind = services.bus((call) => (call.startsWith('load') ? 'fails' : 'done'));
		expect(await create(blind, fresh, { max: 3, action: 'deny' })).toMatchObject({ kind: 'unavailable' });
		expect(new Set(await listed(bus))).toEqual(new Set(sessions.map(({ id }) => id)));
	});

	test('ends the oldest session for good, with the quota as its reason', async () => {
		const { services, bus, first, second, third, fresh } = await withThree();
		expect(await create(bus, fresh, endOldest)).toMatchObject({ kind: 'found' });
		expect(await listed(bus)).toEqual([fresh.id, third.id, second.id]);
		const ended = await bus({ operation: 'read', sessionId: first.id, ...exampleProof, demand: 'strict' });
		expect(ended).toMatchObject({ kind: 'revoked', session: { revocation: { reason: 'quota' } } });
		const announced = await services.feed.read(0, Number.MAX_SAFE_INTEGER);
		expect(announced).toMatchObject([{ sessionId: first.id }]);
	});

	test('is denied for a session that seems to become idle while it is read, and is in use by the other repository', async () => {
		const { services, bus, first, second, third } = await withThree();
		services.clock.advance(first.idleTimeoutMs / 2);
		const { wallMs } = services.clock.now();
		const touch = (by: Bus, { id }: Session) =>
			by({ operation: 'touch', sessionId: id, ...exampleProof, seenAtMs: wallMs });
		const withoutDynamoDb = services.bus((call) => (call === 'merge in dynamodb' ? 'fails' : 'done'));
		await touch(withoutDynamoDb, first);
		for (const session of [second, third]) await touch(bus, session);
		// The bus looks for the login's own session, and then for the first one.
		services.clock.setWall(first.lastSeenAtMs + first.idleTimeoutMs - 2);
		const slow = services.bus((call) => {
			if (call === 'load from dynamodb') services.clock.advance(1);
			return 'done';
		});
		const fresh = sessionAt(services.clock.now().wallMs);
		const deny = { max: 3, action: 'deny' } as const;
		expect(await create(slow, fresh, deny)).toEqual({ kind: 'quota-exceeded', max: 3 });
	});

	test('ends the session that would expire next by its last use, which need not be the oldest', async () => {
		const { services, bus, first, second, third, fresh } = await withThree();
		const { wallMs } = services.clock.now();
		for (const { id } of [first, third])
			await bus({ operation: 'touch', sessionId: id, ...exampleProof, seenAtMs: wallMs });
		expect(await create(bus, fresh, { max: 3, action: 'end-next-expiring' })).toMatchObject({ kind: 'found' });
		expect(await liveOf(bus, [first, second, third, fresh])).toEqual([first.id, third.id, fresh.id]);
	});

	test('ends all others', async () => {
		const { bus, sessions, fresh } = await withThree();
		expect(await create(bus, fresh, { max: 3, action: 'end-all' })).toMatchObject({ kind: 'found' });
		expect(await liveOf(bus, [...sessions, fresh])).toEqual([fresh.id]);
	});

	test('takes the place of a session that was logged out or has expired', async () => {
		const deny = { max: 3, action: 'deny' } as const;
		const { services, bus, first, fresh } = await withThree();
		const revocation = { atMs: services.clock.now().wallMs, reason: 'logout' } as const;
		await logOut(bus, first, revocation);
		expect(await create(bus, fresh, deny)).toMatchObject({ kind: 'found' });
		services.clock.advance(600_000);
		const later = sessionAt(services.clock.now().wallMs);
		expect(await create(bus, later, deny)).toMatchObject({ kind: 'found' });
		expect(await listed(bus)).toEqual([later.id]);
	});

	test('has the same outcome when it is repeated, and ends no further session', async () => {
		const { bus, first, second, third, fresh } = await withThree();
		for (let time = 0; time < 3; time++)
			expect(await create(bus, fresh, endOldest)).toMatchObject({ kind: 'found', session: { id: fresh.id } });
		expect(await liveOf(bus, [first, second, third, fresh])).toEqual([second.id, third.id, fresh.id]);
	});

	test('ends no further session when it is repeated after its own session was ended', async () => {
		const { services, bus, first, second, third, fresh } = await withThree();
		const later = sessionAt(services.clock.now().wallMs + 1);
		await create(bus, fresh, endOldest);
		const revocation = { atMs: services.clock.now().wallMs, reason: 'logout' } as const;
		await logOut(bus, fresh, revocation);
		await create(bus, later, { max: 3, action: 'deny' });
		expect((await create(bus, fresh, endOldest)).kind).not.toBe('found');
		expect(await liveOf(bus, [first, second, third, fresh, later])).toEqual([second.id, third.id, later.id]);
	});
});

describe('of logins at the same moment', () => {
	test.each(['deny', 'end-next-expiring', 'end-oldest'] as const)(
		'as many stay as the quota allows, with %s, and each is told the truth',
		async (action) => {
			const services = createMemoryServices();
			const sessions = Array.from({ length: 20 }, (_, index) => sessionAt(services.clock.now().wallMs + index));
			const answers = await Promise.all(sessions.map((session) => create(services.bus(), session, { max: 3, action })));
			const bus = services.bus();
			const live = await liveOf(bus, sessions);
			expect(live).toHaveLength(3);
			expect(new Set(await listed(bus))).toEqual(new Set(live));
			for (const [index, { id }] of sessions.entries()) {
				expect(answers[index], JSON.stringify(answers[index])).toMatchObject({
					kind: expect.stringMatching(/^(found|quota-exceeded)$/),
				});
				if (answers[index]?.kind === 'quota-exceeded') expect(live).not.toContain(id);
			}
		},
	);
});

describe('a login that is under way', () => {
	/** Runs `meanwhile` once, when the login has its entry and is about to be stored. */
	const interrupted = (meanwhile: () => Promise<unknown>) => {
		let over: Promise<unknown> | undefined;
		return async (call: string): Promise<Fate> => {
			if (call.startsWith('merge')) {
				over ??= meanwhile();
				await over;
			}
			return 'done';
		};
	};
	const one = { max: 1, action: 'deny' } as const;

	test('counts for other logins', async () => {
		const services = createMemoryServices();
		const [slow, other] = [sessionAt(services.clock.now().wallMs), sessionAt(services.clock.now().wallMs + 1)];
		const meanwhile = async () => {
			expect(await create(services.bus(), other, one)).toEqual({ kind: 'quota-exceeded', max: 1 });
		};
		expect(await create(services.bus(interrupted(meanwhile)), slow, one)).toMatchObject({ kind: 'found' });
	});

	test('does not count after a minute, and is not acknowledged then', async () => {
		const services = createMemoryServices();
		const slow = sessionAt(services.clock.now().wallMs);
		services.clock.advance(60_000);
		const other = sessionAt(services.clock.now().wallMs);
		const meanwhile = async () => {
			expect(await create(services.bus(), other, one)).toMatchObject({ kind: 'found' });
		};
		expect(await create(services.bus(interrupted(meanwhile)), slow, one)).toMatchObject({ kind: 'unavailable' });
		expect(await listed(services.bus())).toEqual([other.id]);
	});

	test('ends with all sessions of its subject and is not acknowledged', async () => {
		const services = createMemoryServices();
		const slow = sessionAt(services.clock.now().wallMs);
		const meanwhile = async () => {
			const ended = { kind: 'ended', ended: 0, degraded: false, more: false };
			expect(await endAll(services.bus(), services.clock.now().wallMs)).toEqual(ended);
		};
		const answer = await create(services.bus(interrupted(meanwhile)), slow, one);
		expect(answer).toMatchObject({ kind: 'revoked', session: { revocation: { reason: 'administration' } } });
		expect(await liveOf(services.bus(), [slow])).toEqual([]);
	});
});

test('a login is acknowledged only when the session that it has to end has ended', async () => {
	const { services, bus, first, second, third, fresh } = await withThree();
	const silent = services.bus((call) => (call.startsWith('merge') ? 'fails' : 'done'));
	expect(await create(silent, fresh, endOldest)).toMatchObject({ kind: 'unavailable' });
	expect(await liveOf(bus, [first, second, third, fresh])).toEqual([first.id, second.id, third.id]);
	expect(await create(bus, fresh, endOldest)).toMatchObject({ kind: 'found' });
	expect(await liveOf(bus, [first, second, third, fresh])).toEqual([second.id, third.id, fresh.id]);
});

/** A process may die, and a call may fail, before or after the call took effect. */
const fates = ['dies before', 'dies after', 'fails', 'fails after it took effect'] as const;

/** Runs `scene` once for each call that its bus makes, with that call meeting `fate`. */
async function atEachCall(fate: Fate, scene: (fateOf: (call: string) => Fate) => Promise<void>): Promise<number> {
	for (let target = 0; ; target++) {
		let calls = 0;
		await scene(() => (calls++ === target ? fate : 'done'));
		if (calls <= target) return target;
	}
}

/** The answer. `undefined`: the process died. */
async function answerOf<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
	let rounds = 0;
	const dead = async () => {
		while (rounds++ < 200) await new Promise((resolve) => setImmediate(resolve));
		return undefined;
	};
	return Promise.race([answer, dead()]);
}

describe.each(fates)('a login that has to end another session and %s at any one of its calls', (fate) => {
	test('is completed when it is repeated: the quota holds, and no more sessions end than it takes', async () => {
		const steps = await atEachCall(fate, async (fateOf) => {
			const { services, bus, first, second, third, fresh } = await withThree();
			const answer = await answerOf(create(services.bus(fateOf), fresh, endOldest));
			const known = answer?.kind === 'found' && !answer.receipt.degraded;
			if (known) expect(await liveOf(bus, [first, second, third, fresh])).toEqual([second.id, third.id, fresh.id]);
			expect(await create(bus, fresh, endOldest)).toMatchObject({ kind: 'found' });
			await services.drainRepairs();
			const live = await liveOf(bus, [first, second, third, fresh]);
			if (answer?.kind !== 'found' || known) expect(live).toEqual([second.id, third.id, fresh.id]);
			else expect(live.slice(-3)).toEqual([second.id, third.id, fresh.id]);
			expect(new Set(await listed(bus))).toEqual(new Set(live));
		});
		expect(steps).toBeGreaterThan(12);
	});

	test('leaves no more sessions in use than the quota allows, after the next login', async () => {
		await atEachCall(fate, async (fateOf) => {
			const { services, bus, first, second, third, fresh } = await withThree();
			const answer = await answerOf(create(services.bus(fateOf), fresh, endOldest));
			services.clock.advance(1_000);
			await services.drainRepairs();
			const next = sessionAt(services.clock.now().wallMs);
			expect(await create(bus, next, endOldest)).toMatchObject({ kind: 'found' });
			const live = await liveOf(bus, [first, second, third, fresh, next]);
			expect(live.length).toBeLessThanOrEqual(3);
			expect(live).toContain(next.id);
			expect(new Set(await listed(bus))).toEqual(new Set(live));
			if (answer?.kind === 'found') expect(live).toContain(fresh.id);
		});
	});

	test('takes a place for at most a minute if it is never repeated', async () => {
		await atEachCall(fate, async (fateOf) => {
			const { services, bus, first, second, third, fresh } = await withThree();
			const answer = await answerOf(create(services.bus(fateOf), fresh, endOldest));
			services.clock.advance(60_000);
			const { wallMs } = services.clock.now();
			await endAll(bus, wallMs);
			const quota = { max: 1, action: 'deny' } as const;
			const next = sessionAt(wallMs + 1_000);
			await services.drainRepairs();
			const outcome = await create(bus, next, quota);
			if (answer === undefined) expect(outcome.kind).toBe('found');
			expect(await liveOf(bus, [first, second, third])).toEqual([]);
		});
	});
});

describe('while the subject index is unavailable', () => {
	const withoutIndex = (call: string): Fate => (call.endsWith('entries') ? 'fails' : 'done');

	test('a login continues without a quota, its receipt says degraded, and a repair makes its entry', async () => {
		const { services, bus, sessions, fresh } = await withThree();
		const without = services.bus(withoutIndex);
		const deny = { max: 3, action: 'deny' } as const;
		const unentered = sessionAt(services.clock.now().wallMs);
		expect(await create(without, unentered, deny)).toEqual({ kind: 'index-unavailable' });
		expect(await liveOf(bus, [unentered])).toEqual([]);
		const answer = await createWithoutIndex(without, fresh, deny);
		expect(answer).toMatchObject({ kind: 'found', receipt: { degraded: true } });
		expect(await listed(bus)).not.toContain(fresh.id);
		await services.drainRepairs();
		expect(await listed(bus)).toContain(fresh.id);
		const next = sessionAt(services.clock.now().wallMs);
		expect(await create(bus, next, endOldest)).toMatchObject({ kind: 'found' });
		expect(await liveOf(bus, [...sessions, fresh, next])).toHaveLength(3);
	});

	test('a login is unavailable if its repair cannot be queued', async () => {
		const { services, fresh } = await withThree();
		const silent = services.bus((call) => (call === 'enqueue' ? 'fails' : withoutIndex(call)));
		expect(await createWithoutIndex(silent, fresh, endOldest)).toMatchObject({ kind: 'unavailable' });
	});

	test('the list is unavailable instead of empty, and so is the end of all sessions', async () => {
		const { services, bus, sessions } = await withThree();
		const without = services.bus(withoutIndex);
		expect(await list(without)).toMatchObject({ kind: 'unavailable' });
		expect(await endAll(without, services.clock.now().wallMs)).toMatchObject({ kind: 'unavailable' });
		expect(await liveOf(bus, sessions)).toHaveLength(3);
	});
});
