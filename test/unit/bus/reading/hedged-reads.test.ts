import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLooks } from '../../../../functions/bus/doubt/looks.ts';
import { createSetBacks } from '../../../../functions/bus/doubt/set-backs.ts';
import { guardRepositories } from '../../../../functions/bus/reading/guarded-repositories.ts';
import { createHedgedReads, type ReadAnswer } from '../../../../functions/bus/reading/hedged-reads.ts';
import { everySession } from '../../../../functions/control-table/markers.ts';
import { createMemorySubjectIndex } from '../../../../functions/repositories/memory/subject-index.ts';
import { withRevocation } from '../../../../functions/session/changes.ts';
import type { SessionId } from '../../../../functions/session/session.ts';
import { stubOf } from '../../../../functions/session/stub.ts';
import type { TimerClock } from '../../../../functions/system/timers.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { exampleSession } from '../../../support/example-session.ts';
import { freshSessionId } from '../../../support/fresh-ids.ts';
import { createDoubtPorts } from '../../../support/memory/doubt-ports.ts';
import { createStagedRepository } from '../../../support/memory/staged-repository.ts';
import { noRepairs } from '../../../support/no-repairs.ts';

/** Virtual time for the clock port and for the library of the circuit breakers. */
const clock: TimerClock = {
	now: () => ({ wallMs: Date.now(), monotonicMs: performance.now() }),
	delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
	timer: (ms) => {
		const { promise: elapsed, resolve } = Promise.withResolvers<void>();
		const timeout = setTimeout(resolve, ms);
		return { elapsed, cancel: () => clearTimeout(timeout) };
	},
};
const isEnough = ({ trusted }: ReadAnswer) => trusted;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Markers are opened then, by the clock of the tests. */
const at = { openedAtMs: 1_800_000_000_000, expiresAtMs: undefined };

beforeEach(() => {
	vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
	vi.useRealTimers();
});

async function stage() {
	const repositories = [createStagedRepository('dynamodb'), createStagedRepository('s3')] as const;
	const [dynamodb, s3] = repositories;
	const session = exampleSession();
	for (const repository of repositories) await repository.merge(session.id, () => session);
	const queued: { id: SessionId; missing: readonly string[] }[] = [];
	const guarded = guardRepositories(repositories, {
		repairs: { ...noRepairs, enqueue: async (id, missing) => void queued.push({ id, missing }) },
		clock,
		log: () => undefined,
	});
	const doubt = createDoubtPorts();
	const looked = {
		count: 0,
		fails: false,
		hangs: false,
		waits: undefined as PromiseWithResolvers<void> | undefined,
	};
	const look: typeof doubt.markers.look = async (id) => {
		looked.count++;
		if (looked.fails) throw new Unreachable('control table', undefined);
		if (looked.hangs) await new Promise<never>(() => undefined);
		await looked.waits?.promise;
		return doubt.markers.look(id);
	};
	const markers = { ...doubt.markers, look };
	const looks = createLooks(markers, clock);
	const told = { lateMs: 0, copyLateMs: 0 };
	const tallies = repositories.map((repository) => ({
		...repository,
		tally: {
			...repository.tally,
			read: async () => {
				if (told.lateMs > 0) await clock.delay(told.lateMs);
				return repository.tally.read();
			},
		},
	}));
	const tallyCopies: typeof doubt.tallyCopies = {
		...doubt.tallyCopies,
		read: async (of) => {
			if (told.copyLateMs > 0) await clock.delay(told.copyLateMs);
			return doubt.tallyCopies.read(of);
		},
	};
	const setBacks = createSetBacks({ ...doubt, tallyCopies, repositories: tallies, repairs: noRepairs, clock });
	const reads = createHedgedReads(guarded, { looks, setBacks }, clock);
	const readOf = (id: SessionId, until = isEnough) => reads.readUntil(id, 'bounded', 'whole', until);
	const read = (until = isEnough) => readOf(session.id, until);
	/** Every read earns a part of a hedge. */
	const earn = async (count: number) => {
		for (let index = 0; index < count; index++) await read();
	};
	return {
		dynamodb,
		s3,
		session,
		guarded,
		markers: doubt.markers,
		tallyCopies: doubt.tallyCopies,
		looked,
		told,
		queued,
		read,
		readOf,
		earn,
		[Symbol.dispose]: () => repositories.map(({ release }) => release()),
	};
}

describe('a read', () => {
	test('asks DynamoDB alone when all is well', async () => {
		using it = await stage();
		const { asked, hedged } = await it.read();
		expect({ asked, hedged }).toEqual({
			asked: [{ repository: 'dynamodb', outcome: 'found', tookMs: 0 }],
			hedged: false,
		});
	});

	test('that is answered in time leaves no timer', async () => {
		using it = await stage();
		await it.read();
		expect(vi.getTimerCount()).toBe(0);
	});

	test('says how long it took even if the clock was set back meanwhile', async () => {
		using it = await stage();
		it.dynamodb.hold();
		const reading = it.read();
		await pass(5);
		vi.setSystemTime(Date.now() - 400);
		await pass(5);
		it.dynamodb.release();
		const { asked, tookMs } = await reading;
		expect(tookMs).toBe(10);
		expect(asked[0]).toEqual({ repository: 'dynamodb', outcome: 'found', tookMs: 10 });
		expect(it.guarded.facts()[0]?.latencyMs).toBe(10);
	});

	test('asks S3 as well when DynamoDB is slow, and says that DynamoDB has not answered', async () => {
		using it = await stage();
		it.dynamodb.hold();
		const reading = it.read();
		await pass(16);
		const { asked, hedged, tookMs } = await reading;
		expect(hedged).toBe(true);
		expect(tookMs).toBe(15);
		expect(asked).toEqual([
			{ repository: 'dynamodb', outcome: 'unanswered', tookMs: 15 },
			{ repository: 's3', outcome: 'found', tookMs: 0 },
		]);
	});

	test('waits for the slow one when the fast one has no record', async () => {
		using it = await stage();
		it.dynamodb.hold();
		const reading = it.read(({ loaded }) => loaded.kind === 'found' && loaded.session.subject === 'nobody');
		await pass(100);
		it.dynamodb.release();
		const { answers } = await reading;
		expect(answers.map(({ name }) => name)).toEqual(['s3', 'dynamodb']);
	});

	test('that was hedged makes the next ones begin with the faster repository', async () => {
		using it = await stage();
		it.dynamodb.hold();
		const first = it.read();
		await pass(500);
		await first;
		it.dynamodb.release();
		await pass(1);
		expect((await it.read()).asked).toEqual([{ repository: 's3', outcome: 'found', tookMs: 0 }]);
		await pass(20_000);
		expect((await it.read()).asked).toEqual([{ repository: 'dynamodb', outcome: 'found', tookMs: 0 }]);
	});

	test('of a session that was seen as a stub begins with the repository that has all of it', async () => {
		using it = await stage();
		const session = exampleSession({ id: freshSessionId() });
		await it.dynamodb.merge(session.id, () => stubOf(session));
		await it.s3.merge(session.id, () => session);
		expect((await it.readOf(session.id)).asked.map(({ repository }) => repository)).toEqual(['dynamodb', 's3']);
		expect((await it.readOf(session.id)).asked.map(({ repository }) => repository)).toEqual(['s3']);
	});

	test('is not hedged when the budget is spent', async () => {
		using it = await stage();
		const hedged: boolean[] = [];
		for (let round = 0; round < 2; round++) {
			it.dynamodb.hold();
			const reading = it.read();
			await pass(500);
			it.dynamodb.release();
			await pass(60_000);
			hedged.push((await reading).hedged);
		}
		expect(hedged).toEqual([true, false]);
	});

	test('hedges at most once in twenty reads when DynamoDB is always slow', async () => {
		using it = await stage();
		await it.earn(100);
		let hedges = 0;
		for (let round = 0; round < 40; round++) {
			it.dynamodb.hold();
			const reading = it.read();
			await pass(60);
			it.dynamodb.release();
			await pass(60_000);
			if ((await reading).hedged) hedges++;
		}
		expect(hedges).toBeGreaterThan(4);
		expect(hedges).toBeLessThanOrEqual(5 + 140 / 20);
	});
});

describe('a look at the markers', () => {
	test('makes a read ask the repository that missed nothing of this session, and believe it alone', async () => {
		using it = await stage();
		await it.markers.open(it.session.id, ['dynamodb'], at);
		expect((await it.read()).answers).toMatchObject([
			{ name: 'dynamodb', trusted: false },
			{ name: 's3', trusted: true },
		]);
		const other = exampleSession({ id: freshSessionId() });
		await it.dynamodb.merge(other.id, () => other);
		expect((await it.readOf(other.id)).asked).toEqual([{ repository: 'dynamodb', outcome: 'found', tookMs: 0 }]);
	});

	test('makes a read ask every repository at once if each of them missed something', async () => {
		using it = await stage();
		await it.markers.open(it.session.id, ['dynamodb', 's3'], at);
		const { answers } = await it.read();
		expect(answers).toMatchObject([{ trusted: false }, { trusted: false }]);
	});

	test('lets a repository be believed again once its marker is settled', async () => {
		using it = await stage();
		await it.markers.open(it.session.id, ['dynamodb'], at);
		await it.markers.settle(it.session.id, 'dynamodb', 1);
		expect((await it.read()).asked).toMatchObject([{ repository: 'dynamodb', outcome: 'found' }]);
	});

	test('is made by each read, and never remembered', async () => {
		using it = await stage();
		await it.read();
		const before = it.looked.count;
		await Promise.all([it.read(), it.read()]);
		expect(it.looked.count).toBe(before + 2);
	});

	test('that fails makes the read ask every repository at once, and believe none alone', async () => {
		using it = await stage();
		it.looked.fails = true;
		expect((await it.read()).answers).toMatchObject([
			{ name: 'dynamodb', trusted: false, unverified: true },
			{ name: 's3', trusted: false, unverified: true },
		]);
	});

	test('is given up after 300 ms, and does not count as the time of a repository', async () => {
		using it = await stage();
		await it.read();
		it.looked.hangs = true;
		let isOver = false;
		const reading = it.read().finally(() => {
			isOver = true;
		});
		await pass(299);
		expect(isOver).toBe(false);
		await pass(1);
		expect((await reading).answers).toMatchObject([{ trusted: false }, { trusted: false }]);
		expect(it.guarded.facts().map(({ latencyMs }) => Math.round(latencyMs))).toEqual([5, 25]);
	});

	test('that finds a marker settled makes a load that was sent before be made again, and no later one', async () => {
		using it = await stage();
		await it.read();
		await it.markers.open(it.session.id, ['dynamodb'], at);
		await it.markers.settle(it.session.id, 'dynamodb', 1);
		const before = it.dynamodb.calls();
		it.looked.waits = Promise.withResolvers<void>();
		const reading = it.read();
		await pass(1);
		expect(it.dynamodb.calls()).toBe(before + 1);
		const ended = withRevocation(it.session, { atMs: at.openedAtMs, reason: 'logout' });
		await it.dynamodb.merge(it.session.id, () => ended);
		it.looked.waits.resolve();
		expect((await reading).answers).toMatchObject([{ loaded: { session: { revocation: { reason: 'logout' } } } }]);
		expect(it.dynamodb.calls()).toBe(before + 3);
	});

	test('is left out for a second after two failures, and then tried by one read, which does not wait', async () => {
		using it = await stage();
		await it.read();
		it.looked.fails = true;
		await it.read();
		await it.read();
		const before = it.looked.count;
		await pass(990);
		expect((await it.read()).answers).toHaveLength(2);
		expect(it.looked.count).toBe(before);
		await pass(11);
		it.looked.fails = false;
		expect((await it.read()).answers).toHaveLength(2);
		expect(it.looked.count).toBe(before + 1);
		await pass(1);
		expect((await it.read()).answers).toHaveLength(1);
	});

	test('that fails does not let a read forget the repository whose circuit is open', async () => {
		using it = await stage();
		it.looked.fails = true;
		it.s3.fails = true;
		await it.read();
		await it.read();
		const { asked } = await it.readOf(freshSessionId());
		expect(asked).toMatchObject([
			{ repository: 'dynamodb', outcome: 'absent' },
			{ repository: 's3', outcome: 'circuit-open' },
		]);
	});

	test('is made once more before a repository is believed because the others are down', async () => {
		using it = await stage();
		it.looked.fails = true;
		it.s3.fails = true;
		for (let reads = 0; reads < 2; reads++)
			expect((await it.read()).answers).toContainEqual(expect.objectContaining({ name: 'dynamodb', unverified: true }));
		expect((await it.read()).answers).toMatchObject([{ name: 'dynamodb', trusted: true, unverified: true }]);
		it.looked.fails = false;
		expect((await it.read()).answers).toMatchObject([{ name: 'dynamodb', trusted: true, unverified: false }]);
		it.looked.fails = true;
		await it.read();
		await it.read();
		it.looked.fails = false;
		await it.markers.open(it.session.id, ['dynamodb'], at);
		expect((await it.read()).answers).toMatchObject([
			{ name: 'dynamodb', trusted: false, unverified: false },
			{ name: 's3', loaded: { kind: 'failed' } },
		]);
	});

	test('is made once more when the other repository fails during the read', async () => {
		using it = await stage();
		await it.read();
		it.looked.hangs = true;
		it.s3.fails = true;
		const reading = it.read();
		await pass(299);
		it.looked.hangs = false;
		await it.markers.open(it.session.id, ['dynamodb'], at);
		await pass(1);
		expect((await reading).answers).toContainEqual(
			expect.objectContaining({ name: 'dynamodb', trusted: false, unverified: false }),
		);
	});

	test('that was made once more and finds the marker settled makes the load be made again', async () => {
		using it = await stage();
		await it.read();
		it.looked.hangs = true;
		it.s3.fails = true;
		const reading = it.read();
		await pass(299);
		it.looked.hangs = false;
		await it.markers.open(it.session.id, ['dynamodb'], at);
		const ended = withRevocation(it.session, { atMs: at.openedAtMs, reason: 'logout' });
		await it.dynamodb.merge(it.session.id, () => ended);
		await it.markers.settle(it.session.id, 'dynamodb', 1);
		await pass(1);
		expect((await reading).answers).toContainEqual(
			expect.objectContaining({ name: 'dynamodb', trusted: true, loaded: { kind: 'found', session: ended } }),
		);
	});

	test('is made once more after a freeze, which may have hidden the answer', async () => {
		using it = await stage();
		await it.read();
		it.looked.fails = true;
		it.s3.fails = true;
		await it.read();
		await it.read();
		it.looked.fails = false;
		it.looked.waits = Promise.withResolvers<void>();
		await it.markers.open(it.session.id, ['dynamodb'], at);
		const reading = it.read();
		await pass(1);
		vi.setSystemTime(Date.now() + 5_000);
		await pass(299);
		it.looked.waits.resolve();
		await pass(1);
		expect((await reading).answers).toContainEqual(
			expect.objectContaining({ name: 'dynamodb', trusted: false, unverified: false }),
		);
	});

	test('that finds a marker open for more than a minute queues a repair, once a minute, unless the repository is down', async () => {
		using it = await stage();
		await it.markers.open(it.session.id, ['s3'], { ...at, openedAtMs: Date.now() });
		await pass(60_000);
		await it.read();
		expect(it.queued).toEqual([]);
		await pass(1);
		await it.read();
		await it.read();
		expect(it.queued).toEqual([{ id: it.session.id, missing: ['s3'] }]);
		await pass(60_000);
		it.s3.fails = true;
		const [, s3] = it.guarded.repositories;
		for (let failure = 0; failure < 2; failure++) await s3?.load(it.session.id);
		await it.read();
		expect(it.queued).toHaveLength(1);
	});
});

test('a load that was sent before a sweep was seen to end is made again, and no later one', async () => {
	using it = await stage();
	await it.read();
	await it.markers.open(everySession, ['dynamodb'], at);
	await it.markers.settle(everySession, 'dynamodb', 1);
	await pass(10_001);
	const before = it.dynamodb.calls();
	await it.read();
	expect(it.dynamodb.calls()).toBe(before + 2);
	await it.read();
	expect(it.dynamodb.calls()).toBe(before + 3);
});

test('a repository that is slow to tell its tally is believed all the same if the others are down', async () => {
	using it = await stage();
	it.s3.fails = true;
	it.told.lateMs = 400;
	const reading = it.read();
	await pass(1_000);
	expect((await reading).answers).toContainEqual(
		expect.objectContaining({ name: 'dynamodb', trusted: true, unverified: false }),
	);
});

test.each([
	['is slow to tell', 400],
	['tells the markers, and not its copy of the tally', 1_100],
])('a repository that was set back is not believed alone if the control table %s', async (_how, copyLateMs) => {
	using it = await stage();
	await it.read();
	it.dynamodb.fails = true;
	await it.read();
	await it.read();
	// Somebody counted S3 further than it is.
	await it.tallyCopies.raise('s3', { count: 9, atMs: Date.now() });
	await pass(10_001);
	it.told.copyLateMs = copyLateMs;
	// The first one only finds that DynamoDB is still down.
	const reads = Promise.all([it.read(), it.read()]);
	await pass(4_000);
	for (const { answers } of await reads)
		expect(answers).toContainEqual(expect.objectContaining({ name: 's3', trusted: false, unverified: false }));
});

describe('a repository that failed twice in a row', () => {
	test('is not asked for a second, and then once to see whether it is well', async () => {
		using it = await stage();
		it.dynamodb.fails = true;
		await it.read();
		await it.read();
		const before = it.dynamodb.calls();
		for (let round = 0; round < 5; round++)
			expect((await it.read()).asked).toEqual([{ repository: 's3', outcome: 'found', tookMs: 0 }]);
		expect(it.dynamodb.calls()).toBe(before);
		await pass(1_001);
		await it.read();
		expect(it.dynamodb.calls()).toBe(before + 1);
		await it.read();
		expect(it.dynamodb.calls()).toBe(before + 1);
	});

	test('is not waited for when it is tried again, even if the control table cannot tell what S3 missed', async () => {
		using it = await stage();
		it.looked.fails = true;
		it.dynamodb.fails = true;
		await it.read();
		await it.read();
		await pass(1_001);
		it.dynamodb.hold();
		const reading = it.read();
		await pass(1);
		it.dynamodb.release();
		await pass(1);
		expect((await reading).asked).toEqual([
			{ repository: 's3', outcome: 'found', tookMs: 0 },
			{ repository: 'dynamodb', outcome: 'unanswered', tookMs: 0 },
		]);
	});

	test('does not count as fast because its circuit refuses at once', async () => {
		using it = await stage();
		it.dynamodb.fails = true;
		await it.read();
		await it.read();
		const before = it.guarded.facts()[0]?.latencyMs ?? Number.NaN;
		await pass(900);
		for (let round = 0; round < 5; round++) await it.read(({ name }) => name === 'dynamodb');
		expect(it.guarded.facts()[0]?.latencyMs).toBeGreaterThanOrEqual(before);
	});

	test('is asked first again after it is well', async () => {
		using it = await stage();
		it.dynamodb.fails = true;
		await it.read();
		await it.read();
		it.dynamodb.fails = false;
		await pass(1_001);
		await it.read();
		expect((await it.read()).asked).toEqual([{ repository: 'dynamodb', outcome: 'found', tookMs: 0 }]);
	});

	test('is asked again when the clock was set back, because nobody can tell whether its second is over', async () => {
		using it = await stage();
		it.dynamodb.fails = true;
		await it.read();
		await it.read();
		it.dynamodb.fails = false;
		vi.setSystemTime(Date.now() - 3_600_000);
		expect(await it.guarded.repositories[0]?.load(it.session.id)).toMatchObject({ kind: 'found' });
	});

	test('makes merges fail at once instead of holding them up', async () => {
		using it = await stage();
		it.s3.fails = true;
		const [, s3] = it.guarded.repositories;
		await s3?.merge(it.session.id, () => it.session);
		await s3?.merge(it.session.id, () => it.session);
		it.s3.hold();
		expect(await s3?.merge(it.session.id, () => it.session)).toMatchObject({ kind: 'failed', reason: 'circuit-open' });
	});

	test('does not hold up the subject index that is kept with it', async () => {
		using it = await stage();
		const index = it.guarded.guardIndex({ ...createMemorySubjectIndex(), name: 'dynamodb' });
		expect(await index.read('ann')).toMatchObject({ kind: 'read' });
		it.dynamodb.fails = true;
		await it.read();
		await it.read();
		expect(await index.read('ann')).toMatchObject({ kind: 'failed', reason: 'unavailable' });
		await pass(1_001);
		expect(await index.read('ann')).toMatchObject({ kind: 'read' });
	});

	test('does not change the answers of the index itself, such as too many writers', async () => {
		using it = await stage();
		const contended = { kind: 'failed', reason: 'contended', cause: undefined } as const;
		const flooded = { ...createMemorySubjectIndex(), name: 'dynamodb', change: async () => contended } as const;
		const index = it.guarded.guardIndex(flooded);
		expect(await index.change('ann', () => ({ outcome: undefined }))).toEqual(contended);
	});

	test('is asked all the same when the others failed as well', async () => {
		using it = await stage();
		it.dynamodb.fails = true;
		it.s3.fails = true;
		for (let round = 0; round < 3; round++) await it.read();
		it.dynamodb.fails = false;
		expect((await it.read()).answers).toMatchObject([{ name: 'dynamodb', loaded: { kind: 'found' } }]);
	});
});

test('a repository whose tally was slow once is asked first again', async () => {
	using it = await stage();
	it.told.lateMs = 200;
	const first = it.read();
	await pass(10);
	it.told.lateMs = 0;
	await pass(990);
	await first;
	const asked: (string | undefined)[] = [];
	for (let reads = 0; reads < 4; reads++) {
		await pass(20_000);
		asked.push((await it.read()).asked.map(({ repository }) => repository).join());
	}
	expect(asked).toEqual(['s3', 'dynamodb', 'dynamodb', 'dynamodb']);
});
