import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBus } from '../../../../functions/bus/bus.ts';
import type { Markers } from '../../../../functions/control-table/markers.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import type { Answer } from '../../../../functions/protocol/answers.ts';
import { repairSession } from '../../../../functions/repair/repair-session.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../../../functions/repositories/repository.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { versionOf } from '../../../../functions/session/version.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { exampleProof, exampleSession, exampleStamp } from '../../../support/example-session.ts';
import { createDoubtPorts } from '../../../support/memory/doubt-ports.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import { noRepairs } from '../../../support/no-repairs.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const session = exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } });
const fits = ({ attributes }: Session) =>
	Object.values(attributes).every((attribute) => !('value' in attribute) || attribute.value !== 'long');

/** A merge that fails. It may take effect all the same. */
interface Failure {
	readonly author: number;
	readonly store: number;
	/** How many merges of this bus in this store come before it. */
	readonly after: number;
	readonly takesEffect: boolean;
}

const unavailable = { kind: 'failed', reason: 'unavailable', cause: new Error('down') } as const;

/** Each call waits until the scheduler gives it its turn. */
type Turn = <Result>(label: string, take: () => Promise<Result>) => Promise<Result>;

function turnsOf(scheduler: fc.Scheduler): Turn {
	return async (label, take) => {
		await scheduler.schedule(Promise.resolve(), label);
		return take();
	};
}

function inTurns(turn: Turn, repository: Repository, failures: readonly Failure[] = []): Repository {
	let merges = 0;
	return {
		...repository,
		load: (id) => turn('load', () => repository.load(id)),
		merge: (...merging) =>
			turn('merge', async () => {
				const before = merges++;
				const failure = failures.find(({ after }) => after === before);
				if (failure === undefined) return repository.merge(...merging);
				if (failure.takesEffect) await repository.merge(...merging);
				return unavailable;
			}),
	};
}

function markersInTurns(turn: Turn, markers: Markers): Markers {
	return {
		open: (...open) => turn('open', () => markers.open(...open)),
		look: (id) => turn('look', () => markers.look(id)),
		settle: (...settle) => turn('settle', () => markers.settle(...settle)),
	};
}

/** When, the values of both authors, and the attribute of the second one. */
const authors = [
	['if one of them makes it outgrow DynamoDB', 'long', 'light'],
	['if both of them make it outgrow DynamoDB', 'long', 'long'],
	['if both of them fit into DynamoDB', 'light', 'blue'],
	['if they change the same attribute', 'light', 'blue', 'theme'],
	['if they change the same attribute, and the first makes it outgrow DynamoDB', 'long', 'light', 'theme'],
	['if they change the same attribute, and the second makes it outgrow DynamoDB', 'light', 'long', 'theme'],
] satisfies [string, ...string[]][];

/**
 * Two authors saw the same version and change it at the same moment, through two buses. Returns how
 * they were answered, and whether a repeated message was acknowledged.
 */
async function answersTo(
	scheduler: fc.Scheduler,
	[one, other, name = 'cart']: readonly string[],
	failures: readonly Failure[],
	{ tries = 1, repairs = 0 } = {},
) {
	const stores = [createMemoryRepository('dynamodb', fits), createMemoryRepository('s3')];
	for (const store of stores) await store.merge(session.id, () => session);
	const shared = {
		repairs: noRepairs,
		leases: createMemoryLeaseTable(),
		feed: createMemoryFeed(),
		timing: timingDefaults,
		log: () => undefined,
	};
	const { markers, tallyCopies } = createDoubtPorts();
	const turn = turnsOf(scheduler);
	const repair = async () => {
		const repositories = stores.map((store) => inTurns(turn, store));
		const ports = { repositories, subjects: createMemorySubjectIndex(), clock: createSettableClock() };
		for (let round = 0; round < repairs; round++)
			await repairSession({ ...ports, markers: markersInTurns(turn, markers) }, session.id);
	};
	const answers = Promise.all(
		[{ theme: one as string }, { [name]: other as string }].map(async (changes, index) => {
			const bus = createBus({
				...shared,
				clock: createSettableClock(),
				subjects: createMemorySubjectIndex(),
				tallyCopies,
				markers: markersInTurns(turn, markers),
				repositories: stores.map((repository, store) =>
					inTurns(
						turn,
						repository,
						failures.filter((failure) => failure.author === index && failure.store === store),
					),
				),
			});
			const ifVersion = versionOf(session);
			const stamp = exampleStamp(2 + index, 0, `author${index}`);
			const answers: Answer['kind'][] = [];
			const about = { sessionId: session.id, ...exampleProof };
			while (answers.length < tries)
				answers.push((await bus({ operation: 'update', ...about, changes, stamp, ifVersion })).kind);
			return answers.find((kind) => kind === 'found') ?? answers.at(-1);
		}),
	);
	const [kinds] = await scheduler.waitFor(Promise.all([answers, repair()]));
	expect(kinds.filter((kind) => !['found', 'outdated', 'unavailable'].includes(String(kind)))).toEqual([]);
	return kinds;
}

test.each(authors)(
	'of two changes of one version, at most one is acknowledged %s',
	async (_when: string, ...values: string[]) => {
		await fc.assert(
			fc.asyncProperty(fc.scheduler(), async (scheduler) => {
				const kinds = await answersTo(scheduler, values, []);
				expect(kinds.filter((kind) => kind === 'found').length).toBeLessThanOrEqual(1);
			}),
			{ numRuns: 500 },
		);
	},
);

/*
 * One bus does not reach one repository for a while. The other one reaches both. Authors may try
 * again.
 */
test.each(authors)('that holds when merges of one bus fail %s', async (_when: string, ...values: string[]) => {
	const failing = fc.record({
		tries: fc.integer({ min: 1, max: 2 }),
		repairs: fc.nat(3),
		author: fc.nat(1),
		store: fc.nat(1),
		from: fc.nat(2),
		count: fc.nat(5),
		takesEffect: fc.boolean(),
	});
	await fc.assert(
		fc.asyncProperty(fc.scheduler(), failing, async (scheduler, { from, count, tries, repairs, ...failure }) => {
			const failures = Array.from({ length: count }, (_, index) => ({ ...failure, after: from + index }));
			const kinds = await answersTo(scheduler, values, failures, { tries, repairs });
			expect(kinds.filter((kind) => kind === 'found').length).toBeLessThanOrEqual(1);
		}),
		{ numRuns: 500 },
	);
});

/*
 * Each bus may miss any repository, even if they miss different ones. One of them is acknowledged
 * at most: each opens its marker before it looks for that of the other one.
 */
test.each(authors)('that holds when merges of both buses fail %s', async (_when: string, ...values: string[]) => {
	const failing = fc.record({
		author: fc.nat(1),
		store: fc.nat(1),
		from: fc.nat(2),
		count: fc.nat(5),
		takesEffect: fc.boolean(),
	});
	const many = fc.record({
		failing: fc.array(failing, { maxLength: 3 }),
		tries: fc.integer({ min: 1, max: 2 }),
		repairs: fc.nat(3),
	});
	await fc.assert(
		fc.asyncProperty(fc.scheduler(), many, async (scheduler, { failing, ...options }) => {
			const failures = failing.flatMap(({ from, count, ...failure }) =>
				Array.from({ length: count }, (_, index) => ({ ...failure, after: from + index })),
			);
			const kinds = await answersTo(scheduler, values, failures, options);
			expect(kinds.filter((kind) => kind === 'found').length).toBeLessThanOrEqual(1);
		}),
		{ numRuns: 500 },
	);
});

test('one of them is acknowledged when one merge fails once', async () => {
	const failing = fc.record({ author: fc.nat(1), store: fc.nat(1), after: fc.nat(1), takesEffect: fc.boolean() });
	await fc.assert(
		fc.asyncProperty(fc.scheduler(), failing, async (scheduler, failure) => {
			const kinds = await answersTo(scheduler, ['light', 'blue'], [failure]);
			expect(kinds.filter((kind) => kind === 'found')).toHaveLength(1);
		}),
		{ numRuns: 500 },
	);
});

test('a change that one repository decided, and nobody marked, is not acknowledged beside another one', async () => {
	await fc.assert(
		fc.asyncProperty(fc.scheduler(), async (scheduler) => {
			const stores = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')] as const;
			for (const store of stores) await store.merge(session.id, () => session);
			const { markers, tallyCopies } = createDoubtPorts();
			const busOver = (repositories: readonly Repository[], marking: Markers = markers) =>
				createBus({
					repositories,
					repairs: noRepairs,
					leases: createMemoryLeaseTable(),
					feed: createMemoryFeed(),
					markers: marking,
					tallyCopies,
					timing: timingDefaults,
					log: () => undefined,
					clock: createSettableClock(),
					subjects: createMemorySubjectIndex(),
				});
			const [dynamodb, s3] = stores;
			const down = async () => unavailable;
			const silent = async () => {
				throw new Unreachable('control table', undefined);
			};
			const cutOff = busOver([{ ...dynamodb, load: down, merge: down }, s3], { ...markers, open: silent });
			const ifVersion = versionOf(session);
			const about = { operation: 'update', sessionId: session.id, ...exampleProof, ifVersion } as const;
			const first = { ...about, changes: { theme: 'light' }, stamp: exampleStamp(2, 0, 'one') };
			const second = { ...about, changes: { cart: 'full' }, stamp: exampleStamp(3, 0, 'other') };
			expect(await cutOff(first)).toMatchObject({ kind: 'unavailable' });
			const turn = turnsOf(scheduler);
			const bus = busOver(stores.map((store) => inTurns(turn, store)));
			const kinds = (await scheduler.waitFor(Promise.all([bus(first), bus(second)]))).map(({ kind }) => kind);
			expect(kinds.filter((kind) => kind === 'found').length).toBeLessThanOrEqual(1);
		}),
		{ numRuns: 300 },
	);
});

test('a change is acknowledged by one repository alone, while nobody else changes the session', async () => {
	for (const name of ['dynamodb', 's3']) {
		const services = createMemoryServices();
		for (const repository of services.repositories) await repository.merge(session.id, () => session);
		const bus = services.bus((call) => (call.endsWith(name) ? 'fails' : 'done'));
		const about = { operation: 'update', sessionId: session.id, ...exampleProof } as const;
		const change = { changes: { theme: 'light' }, stamp: exampleStamp(2), ifVersion: versionOf(session) };
		expect(await bus({ ...about, ...change })).toMatchObject({ kind: 'found', receipt: { degraded: true } });
	}
});
