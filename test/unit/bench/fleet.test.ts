import { describe, expect, test } from 'vitest';
import { busyMs } from '../../../bench/fleet/assumptions.ts';
import { runFleet } from '../../../bench/fleet/environments.ts';
import { breaksOf, loadsOf, ratesOf } from '../../../bench/fleet/growth.ts';
import { simulateFleet } from '../../../bench/fleet/model.ts';
import { parseTrace, type Visit } from '../../../bench/fleet/trace.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import { createRandom } from '../../../local/system/random.ts';

const model = (seed: number, environmentsMin: number, carried = false) => ({
	timing: timingDefaults,
	carried,
	busyMs,
	idleMs: Number.POSITIVE_INFINITY,
	lifeMs: Number.POSITIVE_INFINITY,
	environmentsMin,
	random: createRandom(seed),
});

const visit = (atMs: number, change = false): Visit => ({ atMs, session: 'ada', change });

describe('an access log', () => {
	test('may have lines of JSON', () => {
		const text = [
			'{"time":"2026-11-27T09:00:01Z","session":"b"}',
			'{"time":1795770000000,"sourceIp":"203.0.113.7","userAgent":"curl","change":true}',
			'not a line of an access log',
			'{"time":"2026-11-27T09:00:02Z"}',
		].join('\n');
		expect(parseTrace(text)).toEqual({
			visits: [
				{ atMs: 1_795_770_000_000, session: '203.0.113.7 curl', change: true },
				{ atMs: Date.parse('2026-11-27T09:00:01Z'), session: 'b', change: false },
			],
			skipped: 2,
		});
	});

	test('may have the combined format', () => {
		const text = [
			'203.0.113.7 - - [27/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 512 "-" "Mozilla/5.0"',
			'203.0.113.7 - ada [27/Nov/2026:10:00:01 +0100] "GET / HTTP/1.1" 200 512',
		].join('\n');
		expect(parseTrace(text).visits).toEqual([
			{ atMs: Date.parse('2026-11-27T09:00:00Z'), session: '203.0.113.7 Mozilla/5.0', change: false },
			{ atMs: Date.parse('2026-11-27T09:00:01Z'), session: 'ada', change: false },
		]);
	});

	test('is refused if no line can be read', () => {
		expect(() => parseTrace('no log\nno time')).toThrow('No line');
	});
});

describe('the model of a fleet', () => {
	const sourcesOf = (visits: readonly Visit[], environments = 1, carried = false) =>
		simulateFleet(visits, model(1, environments, carried)).sources;

	test('decides from memory while the last sync is within the staleness bound', () => {
		expect(sourcesOf([0, 500, 900].map((ms) => visit(ms)))).toEqual({ memory: 2, sync: 1, borrowed: 0, adopted: 0 });
	});

	test('waits for a sync after a longer pause', () => {
		expect(sourcesOf([0, 5_000].map((ms) => visit(ms)))).toMatchObject({ memory: 0, sync: 2 });
	});

	test('reads a copy again that is too old', () => {
		const every = Array.from({ length: 310 }, (_, second) => visit(second * 1_000));
		expect(sourcesOf(every)).toMatchObject({ borrowed: 1 });
	});

	test('drops copies of other environments when a session changes', () => {
		const every = Array.from({ length: 300 }, (_, index) => visit(index * 100, index % 20 === 19));
		const without = sourcesOf(
			every.map(({ atMs }) => visit(atMs)),
			4,
		);
		expect(without.borrowed).toBe(3);
		expect(sourcesOf(every, 4).borrowed).toBeGreaterThan(20);
	});

	test('asks nobody where the client carries a copy', () => {
		const every = Array.from({ length: 300 }, (_, index) => visit(index * 100));
		expect(sourcesOf(every, 50, true).borrowed).toBe(0);
		expect(sourcesOf(every, 50).borrowed).toBeGreaterThan(40);
	});

	test('starts an environment when every other one is busy', () => {
		const together = Array.from({ length: 5 }, (_, index) => ({ ...visit(0), session: `person-${index}` }));
		expect(simulateFleet(together, model(1, 1)).environmentsMost).toBe(5);
	});

	test.each([
		[2, 3],
		[6, 1],
		[3, 5],
	])(
		"agrees with the product's code on %i environments with %i requests a second",
		async (environments, perSecondEach) => {
			const shape = { everySeconds: 5, staySeconds: 600, changes: 0.05, logouts: 0 };
			const times = { warmUpSeconds: 40, seconds: 80 };
			const run = await runFleet({ ...shape, ...times, environments, perSecondEach, carries: false }, 1);
			const random = createRandom(1);
			const exponential = (mean: number) => -Math.log(1 - random()) * mean;
			const visits: Visit[] = [];
			for (let person = 0; person < environments * perSecondEach * 5; person++)
				for (let atMs = random() * 5_000; atMs < 120_000; atMs += exponential(5_000))
					visits.push({ atMs, session: `person-${person}`, change: random() < 0.05 });
			visits.sort((a, b) => a.atMs - b.atMs);
			const { sources } = simulateFleet(visits, model(2, environments));
			const modelled = (sources.memory + sources.sync) / visits.length;
			const produced = run.decisions.filter(({ source }) => source === 'memory').length / run.decisions.length;
			expect(Math.abs(modelled - produced)).toBeLessThan(0.12);
			const withoutCall = run.decisions.filter(({ remoteCalls }) => remoteCalls === 0).length / run.decisions.length;
			expect(Math.abs(sources.memory / visits.length - withoutCall)).toBeLessThan(0.12);
		},
	);
});

describe('the growth of a deployment', () => {
	const kind = {
		perSecondEach: 10,
		perSecondAndSession: 0.2,
		staySeconds: 600,
		changesPerSession: 1.2,
		endsPerSession: 0.2,
		carried: false,
		deploySeconds: 60,
	};

	test('makes every instance read every change', () => {
		const entries = { ...kind, feed: 'entries' } as const;
		const few = ratesOf({ ...entries, instances: 100 });
		const many = ratesOf({ ...entries, instances: 1_000 });
		expect(many.changes).toBeCloseTo(10 * few.changes);
		expect(many.feedDollars).toBeGreaterThan(5 * few.feedDollars);
	});

	test('breaks a feed of one item for each entry first, among what nobody can raise', () => {
		const entries = { ...kind, feed: 'entries' } as const;
		const [first] = breaksOf(entries, 10_000).filter(({ canBeRaised }) => !canBeRaised);
		expect(first?.part).toBe('reads of one partition of the feed');
		expect(first?.instances).toBeGreaterThan(400);
		expect(first?.instances).toBeLessThan(700);
		const at = (instances: number) => loadsOf({ ...entries, instances }).find(({ part }) => part === first?.part);
		const [before, from] = [at((first?.instances ?? 0) - 1), at(first?.instances ?? 0)];
		expect(before?.load).toBeLessThanOrEqual(before?.limit ?? 0);
		expect(from?.load).toBeGreaterThan(from?.limit ?? 0);
	});

	test.each([false, true])(
		'up to 10,000 instances and 1,000 changes a second breaks no packed feed, carried: %s',
		(carried) => {
			const breaks = breaksOf({ ...kind, carried }, 10_000);
			expect(ratesOf({ ...kind, instances: 10_000 }).changes).toBeCloseTo(1_000);
			expect(breaks.filter(({ part }) => /feed|sync|layouts|ends/.test(part))).toEqual([]);
		},
	);

	test('costs a packed feed a third as much as one of items, from 1,000 instances on', () => {
		for (const instances of [1_000, 3_000, 10_000]) {
			const packed = ratesOf({ ...kind, instances }).feedDollars;
			expect(ratesOf({ ...kind, instances, feed: 'entries' }).feedDollars / packed).toBeGreaterThan(3);
		}
	});

	test('leaves few requests to the bus if clients carry copies, whatever the number of instances', () => {
		const cold = (instances: number, carried: boolean) => ratesOf({ ...kind, instances, carried }).cold;
		expect(cold(1_000, false)).toBeGreaterThan(0.9);
		expect(cold(1_000, true)).toBe(cold(10, true));
		expect(cold(1_000, true)).toBeLessThan(0.05);
	});
});
