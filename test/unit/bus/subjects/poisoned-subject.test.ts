import { describe, expect, test } from 'vitest';
import type { Bus } from '../../../../functions/bus/bus.ts';
import type { Failed } from '../../../../functions/repositories/failed.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import type { Repository } from '../../../../functions/repositories/repository.ts';
import type { Session, SessionId } from '../../../../functions/session/session.ts';
import { exampleProof } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import {
	askerOf,
	create,
	createWithoutIndex,
	endAll,
	list,
	listed,
	liveOf,
	sessionAt,
	subject,
} from '../../../support/subject-client.ts';

const quota = { max: 3, action: 'end-oldest' } as const;

/** A repository that cannot read the records of `poisoned`. */
function poisonable(name: 'dynamodb' | 's3', poisoned: ReadonlySet<SessionId>, reason: Failed['reason']): Repository {
	const repository = createMemoryRepository(name);
	const failed: Failed = { kind: 'failed', reason, cause: new Error('unreadable') };
	return {
		...repository,
		load: async (id) => (poisoned.has(id) ? failed : repository.load(id)),
		merge: async (id, ...rest) => (poisoned.has(id) ? failed : repository.merge(id, ...rest)),
	};
}

/** A subject with three sessions. The oldest can be read by no repository. */
async function withPoison(reason: Failed['reason']) {
	const poisoned = new Set<SessionId>();
	const repositories = (['dynamodb', 's3'] as const).map((name) => poisonable(name, poisoned, reason));
	const services = createMemoryServices({ repositories });
	const bus = services.bus();
	const sessions: Session[] = [];
	for (let index = 0; index < 3; index++) {
		sessions.push(sessionAt(services.clock.now().wallMs));
		await create(bus, sessions[index] as Session, quota);
		services.clock.advance(1_000);
	}
	const [poison, ...others] = sessions as [Session, Session, Session];
	poisoned.add(poison.id);
	return { services, bus, poison, poisoned, others, nowMs: services.clock.now().wallMs };
}

describe.each(['corrupt', 'unknown-schema'] as const)('a session that no repository can read (%s)', (reason) => {
	test('is counted in the list of the others', async () => {
		const { bus, others } = await withPoison(reason);
		const answer = await list(bus);
		expect(answer).toMatchObject({ kind: 'listed', unreadable: 1 });
		expect(await listed(bus)).toEqual(others.map(({ id }) => id).reverse());
	});

	test('does not keep the others from ending, stays to be ended, and ends once it can be read', async () => {
		const { services, bus, poison, poisoned, others, nowMs } = await withPoison(reason);
		expect(await endAll(bus, nowMs)).toEqual({ kind: 'ended', ended: 2, degraded: false, unreadable: 1, more: false });
		expect(await liveOf(bus, others)).toEqual([]);
		expect(await services.subjects.read(subject)).toMatchObject({
			entries: [{ id: poison.id, ending: 'administration' }],
		});
		poisoned.clear();
		expect(await endAll(bus, nowMs)).toEqual({ kind: 'ended', ended: 1, degraded: false, more: false });
	});

	test.each(['end-oldest', 'end-next-expiring', 'end-all', 'deny'] as const)(
		'does not keep the subject from logging in with %s',
		async (action) => {
			const { services, bus } = await withPoison(reason);
			for (let login = 0; login < 2; login++) {
				const session = sessionAt(services.clock.now().wallMs);
				const answer = await create(bus, session, { max: 3, action });
				const isDenied = action === 'deny' && login > 0;
				expect(answer.kind).toBe(isDenied ? 'quota-exceeded' : 'found');
				services.clock.advance(1_000);
			}
		},
	);

	test('does not keep the subject from logging in once it is marked', async () => {
		const { services, bus, nowMs } = await withPoison(reason);
		await endAll(bus, nowMs);
		for (let login = 0; login < 4; login++) {
			services.clock.advance(1_000);
			expect(await create(bus, sessionAt(services.clock.now().wallMs), quota)).toMatchObject({ kind: 'found' });
		}
		expect(await listed(bus)).toHaveLength(3);
	});
});

describe('a session that a repository may still tell of', () => {
	test('keeps the list and the end unavailable', async () => {
		const { bus, nowMs } = await withPoison('unavailable');
		expect(await list(bus)).toMatchObject({ kind: 'unavailable' });
		expect(await endAll(bus, nowMs)).toMatchObject({ kind: 'unavailable' });
	});
});

describe('a bus whose clock was ahead', () => {
	test('takes no session out of the index for good: its next report brings it back', async () => {
		const services = createMemoryServices();
		const bus = services.bus();
		const sessions = [0, 1].map((ms) => sessionAt(services.clock.now().wallMs + ms));
		for (const session of sessions) await create(bus, session, quota);
		const aheadMs = (sessions[0] as Session).idleTimeoutMs + 62_000;
		services.clock.advance(aheadMs);
		expect(await listed(bus)).toEqual([]);
		expect(await services.subjects.read(subject)).toMatchObject({ entries: [] });
		services.clock.advance(300_000 - aheadMs);

		const seenAtMs = services.clock.now().wallMs;
		for (const { id } of sessions) await bus({ operation: 'touch', sessionId: id, ...exampleProof, seenAtMs });
		expect(await listed(bus)).toHaveLength(2);
		expect(await endAll(bus, seenAtMs)).toMatchObject({ ended: 2 });
	});

	test('makes no entry for a session that has ended', async () => {
		const services = createMemoryServices();
		const bus = services.bus();
		const session = sessionAt(services.clock.now().wallMs);
		await create(bus, session, quota);
		services.clock.advance(1_000);
		const seenAtMs = services.clock.now().wallMs;
		await endAll(bus, seenAtMs);
		await bus({ operation: 'touch', sessionId: session.id, ...exampleProof, seenAtMs });
		expect(await services.subjects.read(subject)).toMatchObject({ entries: [] });
	});
});

test('an index item that cannot be read keeps nobody from logging in, and the repair is queued', async () => {
	const failed = { kind: 'failed', reason: 'corrupt', cause: new Error('unreadable') } as const;
	const subjects = { name: 'dynamodb', read: async () => failed, change: async () => failed } as const;
	const services = createMemoryServices({ subjects });
	const session = sessionAt(services.clock.now().wallMs);
	const bus = services.bus();
	expect(await create(bus, sessionAt(services.clock.now().wallMs), quota)).toEqual({ kind: 'index-unavailable' });
	expect(await createWithoutIndex(bus, session, quota)).toMatchObject({ kind: 'found', receipt: { degraded: true } });
	expect(services.repairs).toContain(session.id);
});

test('a session that one repository says is of another subject stays to be ended, and the end says so', async () => {
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const services = createMemoryServices({ repositories: [dynamodb, s3] });
	const bus = services.bus();
	const { wallMs } = services.clock.now();
	const session = sessionAt(wallMs);
	await create(bus, session, quota);
	dynamodb.overwrite({ ...session, subject: 'issuer:root' });
	expect(await endAll(bus, wallMs)).toMatchObject({ kind: 'ended', ended: 0, unreadable: 1 });
	expect(await services.subjects.read(subject)).toMatchObject({
		entries: [{ id: session.id, ending: 'administration' }],
	});
	dynamodb.overwrite(session);
	expect(await endAll(bus, wallMs)).toMatchObject({ kind: 'ended' });
	expect(await liveOf(bus, [session])).toEqual([]);
	expect(await services.feed.read(0, Number.MAX_SAFE_INTEGER)).toMatchObject([{ sessionId: session.id }]);
});

test.each([
	['a list', (bus: Bus, asker: Session) => list(bus, askerOf(asker))],
	['a login', (bus: Bus, asker: Session) => create(bus, sessionAt(asker.createdAtMs + 61_000), { ...quota, max: 2 })],
] as const)('a session that one repository says is of another subject keeps its entry over %s', async (_what, act) => {
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const services = createMemoryServices({ repositories: [dynamodb, s3] });
	const bus = services.bus();
	const { wallMs } = services.clock.now();
	const [asker, moved] = [sessionAt(wallMs), sessionAt(wallMs)];
	await create(bus, asker, quota);
	await create(bus, moved, quota);
	dynamodb.overwrite({ ...moved, subject: 'issuer:root' });
	services.clock.advance(61_000);
	await act(bus, asker);
	dynamodb.overwrite(moved);
	const read = await services.subjects.read(subject);
	expect(read.kind === 'read' && read.entries.map(({ id }) => id)).toContain(moved.id);
});
