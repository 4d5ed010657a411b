import { describe, expect, test } from 'vitest';
import type { Bus } from '../../../../functions/bus/bus.ts';
import type { Asker } from '../../../../functions/protocol/fields/asker.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import {
	askerOf,
	create,
	endAll,
	list,
	listed,
	liveOf,
	logOut,
	sessionAt,
	storeWatcher,
	subject,
} from '../../../support/subject-client.ts';

const quota = { max: 100, action: 'end-oldest' } as const;

async function withSessions(count: number) {
	const services = createMemoryServices();
	const bus = services.bus();
	const sessions: Session[] = [];
	for (let index = 0; index < count; index++) {
		sessions.push(sessionAt(services.clock.now().wallMs));
		await create(bus, sessions[index] as Session, quota);
		services.clock.advance(1);
	}
	return { services, bus, sessions, nowMs: services.clock.now().wallMs };
}

describe('the end of all sessions of a subject', () => {
	test('ends all but the excepted one for good and says how many were live', async () => {
		const { services, bus, sessions, nowMs } = await withSessions(30);
		const kept = sessions[7] as Session;
		await logOut(bus, sessions[3] as Session, { atMs: nowMs, reason: 'logout' });
		services.clock.advance(1);
		const ended = { kind: 'ended', ended: 28, degraded: false, more: false };
		expect(await endAll(bus, nowMs, askerOf(kept))).toEqual(ended);
		expect(await liveOf(bus, sessions)).toEqual([kept.id]);
		expect(await listed(bus)).toEqual([kept.id]);
		const announced = await services.feed.read(0, Number.MAX_SAFE_INTEGER);
		expect(new Set(announced === 'overflow' ? [] : announced.map(({ sessionId }) => sessionId)).size).toBe(29);
	});

	test('is unavailable when repositories fail, and continues where it stopped when it is repeated', async () => {
		const { services, bus, sessions, nowMs } = await withSessions(25);
		let merges = 0;
		const failing = services.bus((call) => (call.startsWith('merge') && merges++ >= 2 * 12 ? 'fails' : 'done'));
		expect(await endAll(failing, nowMs)).toMatchObject({ kind: 'unavailable' });
		const left = await liveOf(bus, sessions);
		expect(left).toHaveLength(13);
		expect(await endAll(bus, nowMs)).toEqual({ kind: 'ended', ended: 13, degraded: false, more: false });
		expect(await liveOf(bus, sessions)).toEqual([]);
	});

	test('announces the end of a session whose logout was stored and never announced', async () => {
		const { services, bus, sessions, nowMs } = await withSessions(2);
		const [first] = sessions as [Session];
		const mute = services.bus((call) => (call === 'append' ? 'fails' : 'done'));
		const revocation = { atMs: nowMs, reason: 'logout' } as const;
		expect(await logOut(mute, first, revocation)).toMatchObject({ kind: 'unavailable' });
		await listed(bus);
		await create(bus, sessionAt(nowMs), { max: 2, action: 'end-oldest' });
		services.clock.advance(1);
		expect(await endAll(bus, nowMs)).toMatchObject({ kind: 'ended', ended: 2 });
		const announced = await services.feed.read(0, Number.MAX_SAFE_INTEGER);
		expect(announced === 'overflow' ? [] : announced.map(({ sessionId }) => sessionId)).toContain(first.id);
	});

	test('is degraded when one repository missed it, and the repairs are queued', async () => {
		const { services, bus, sessions, nowMs } = await withSessions(3);
		const without = services.bus((call) => (call === 'merge in s3' ? 'fails' : 'done'));
		expect(await endAll(without, nowMs)).toEqual({ kind: 'ended', ended: 3, degraded: true, more: false });
		expect(services.repairs).toEqual(new Set(sessions.map(({ id }) => id)));
		expect(await liveOf(bus, sessions)).toEqual([]);
	});

	test('is degraded when a repository missed only the first of the sessions', async () => {
		const { services, bus, sessions, nowMs } = await withSessions(3);
		let [merges, appends] = [0, 0];
		const without = services.bus(async (call) => {
			if (call === 'merge in s3' && merges++ === 0) return 'fails';
			// The first announcement is for a session that no repository missed, and it takes longest.
			if (call === 'append' && appends++ === 0)
				for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
			return 'done';
		});
		expect(await endAll(without, nowMs)).toEqual({ kind: 'ended', ended: 3, degraded: true, more: false });
		expect(services.repairs.size).toBe(1);
		expect(await liveOf(bus, sessions)).toEqual([]);
	});

	test('stops in time when ending takes long and says that there is more', async () => {
		const { services, bus, sessions, nowMs } = await withSessions(50);
		const slow = services.bus((call) => {
			if (call === 'append') services.clock.advance(90);
			return 'done';
		});
		expect(await endAll(slow, nowMs)).toMatchObject({ kind: 'ended', ended: 20, more: true });
		expect(await endAll(bus, nowMs)).toMatchObject({ kind: 'ended', ended: 30, more: false });
		expect(await liveOf(bus, sessions)).toEqual([]);
	});

	test('does not end sessions that came after it when it is repeated late', async () => {
		const { services, bus, nowMs } = await withSessions(1);
		await endAll(bus, nowMs);
		services.clock.advance(1_000);
		const later = sessionAt(services.clock.now().wallMs);
		await create(bus, later, quota);
		expect(await endAll(bus, nowMs)).toMatchObject({ kind: 'ended', ended: 0 });
		expect(await liveOf(bus, [later])).toEqual([later.id]);
	});

	test('ends none if the subject is unknown', async () => {
		const services = createMemoryServices();
		const answer = await endAll(services.bus(), services.clock.now().wallMs);
		expect(answer).toEqual({ kind: 'ended', ended: 0, degraded: false, more: false });
	});
});

describe('the list of a subject', () => {
	test('has the hundred newest sessions at most, says that there are more, and is far smaller than Lambda allows', async () => {
		const { services, bus, sessions } = await withSessions(100);
		expect(await list(bus)).toMatchObject({ sessions: { length: 100 }, more: false });
		for (const ensured of [sessionAt(services.clock.now().wallMs), sessionAt(services.clock.now().wallMs + 1)]) {
			for (const repository of services.repositories) await repository.merge(ensured.id, () => ensured);
			services.repairs.add(ensured.id);
			sessions.push(ensured);
		}
		await services.drainRepairs();
		const answer = await list(bus);
		if (answer.kind !== 'listed') throw new Error(answer.kind);
		expect(answer.sessions.map(({ id }) => id)).toEqual(
			sessions
				.slice(2)
				.reverse()
				.map(({ id }) => id),
		);
		expect(answer.more).toBe(true);
		expect(JSON.stringify(answer).length).toBeLessThan(100_000);
	});

	test('is unavailable, and not shorter, when any of its sessions is unavailable', async () => {
		const { services } = await withSessions(3);
		let loads = 0;
		const without = services.bus((call) => (call.startsWith('load') && loads++ >= 2 ? 'fails' : 'done'));
		expect(await list(without)).toMatchObject({ kind: 'unavailable' });
	});

	test('says of each session which repository it was read from', async () => {
		const { bus, sessions } = await withSessions(1);
		const answer = await list(bus);
		const receipt = { asked: [{ repository: 'dynamodb', outcome: 'found' }], chosen: 'dynamodb', degraded: false };
		expect(answer).toMatchObject({ kind: 'listed', sessions: [{ id: sessions[0]?.id, receipt }] });
	});

	test('leaves out expired sessions, and removes their entries a minute later', async () => {
		const { services, bus, sessions } = await withSessions(2);
		services.clock.advance(600_000);
		expect(await listed(bus)).toEqual([]);
		expect(await services.subjects.read(subject)).toMatchObject({ entries: { length: sessions.length } });
		services.clock.advance(60_000);
		expect(await listed(bus)).toEqual([]);
		expect(await services.subjects.read(subject)).toMatchObject({ entries: [] });
	});
});

describe('a logout', () => {
	const out = (bus: Bus, session: Session) => logOut(bus, session, { atMs: session.createdAtMs, reason: 'logout' });
	const entriesOf = async ({ subjects }: ReturnType<typeof createMemoryServices>) => {
		const index = await subjects.read(subject);
		return index.kind === 'read' ? index.entries.map(({ id }) => id) : index.reason;
	};

	test("removes the session's entry from the index and no other", async () => {
		const { services, bus, sessions } = await withSessions(2);
		const [first, second] = sessions as [Session, Session];
		expect(await out(bus, first)).toMatchObject({ kind: 'revoked' });
		expect(await entriesOf(services)).toEqual([second.id]);
	});

	test('leaves the entry when a repository missed it or when it was not announced', async () => {
		const { services, sessions } = await withSessions(2);
		const [first, second] = sessions as [Session, Session];
		const without = services.bus((call) => (call === 'merge in s3' ? 'fails' : 'done'));
		expect(await out(without, first)).toMatchObject({ kind: 'revoked', receipt: { degraded: true } });
		const mute = services.bus((call) => (call === 'append' ? 'fails' : 'done'));
		expect(await out(mute, second)).toMatchObject({ kind: 'unavailable' });
		expect(await entriesOf(services)).toEqual([first.id, second.id]);
	});
});

describe('ending one session of a subject', () => {
	const endOne = (bus: Bus, session: Session, asker: Asker) =>
		bus({
			operation: 'revoke',
			sessionId: session.id,
			revocation: { atMs: session.createdAtMs, reason: 'logout' },
			changeId: 'one',
			proofWanted: false,
			asker,
		});

	test("leaves another subject's session alone, with the same calls and the same answer as for no session", async () => {
		const { services, bus, sessions } = await withSessions(1);
		const [session] = sessions as [Session];
		const mallory = await storeWatcher(services.repositories, 'issuer:mallory');
		for (const failing of ['nothing', 'merge in s3', 'merge in dynamodb']) {
			const told = await Promise.all(
				[session, sessionAt(session.createdAtMs)].map(async (which) => {
					const calls: string[] = [];
					const watched = services.bus((call) => {
						calls.push(call);
						return call === failing ? 'fails' : 'done';
					});
					return { answer: await endOne(watched, which, mallory), calls };
				}),
			);
			expect(told[0]).toEqual(told[1]);
			expect(told[0]?.answer.kind).toBe(failing === 'nothing' ? 'absent' : 'unavailable');
		}
		expect(await liveOf(bus, sessions)).toEqual([session.id]);
	});

	test("ends the subject's own session even when a repository does not answer", async () => {
		const { services, bus, sessions } = await withSessions(1);
		const [session] = sessions as [Session];
		const without = services.bus((call) => (call.endsWith('in s3') || call.endsWith('from s3') ? 'fails' : 'done'));
		expect(await endOne(without, session, await storeWatcher(services.repositories))).toMatchObject({
			kind: 'revoked',
			receipt: { degraded: true },
		});
		expect(await liveOf(bus, sessions)).toEqual([]);
	});
});

test('a list is incomplete if nobody can tell whether the index was set back', async () => {
	const { services, sessions } = await withSessions(2);
	const silent = services.bus((call) => (call.startsWith('look') ? 'fails' : 'done'));
	expect(await list(silent, askerOf(sessions[0] as Session))).toMatchObject({ kind: 'listed', incomplete: true });
});
