import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDynamoDbFeed } from '../../../functions/control-table/dynamodb/feed.ts';
import type { FeedEntry } from '../../../functions/control-table/feed.ts';
import { layoutOf } from '../../../functions/control-table/feed-layout.ts';
import {
	betweenStepsMs,
	frozenBetweenStepsMs,
	type LayoutsInUse,
	layoutsToRead,
	nextStep,
	noChange,
	stateUsedMs,
} from '../../../functions/control-table/layout-change.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import { sessionIdOf } from '../../../functions/session/ids.ts';
import { exampleStartMs } from '../../support/example-session.ts';
import { createSettableClock, type SettableClock } from '../../support/settable-clock.ts';
import { createKeptItems } from './kept-items.ts';

const { skewMs, feedRetentionMs } = timingDefaults;

describe('a change of the layout', () => {
	const step = (state: LayoutsInUse, wanted: string, nowMs = exampleStartMs) =>
		nextStep(state, wanted, nowMs, timingDefaults) ?? expect.fail('no step');

	test('takes three steps: the new one is read, then written, then the former one is left', () => {
		const first = step(noChange, '8x13');
		expect(first).toMatchObject({ version: 1, current: 'entries', next: '8x13' });
		expect(layoutsToRead(first, 0)).toEqual(new Set(['entries', '8x13']));
		const second = step(first, '8x13');
		expect(second).toMatchObject({ version: 2, current: '8x13' });
		expect(layoutsToRead(second, exampleStartMs + 1e9)).toEqual(new Set(['entries', '8x13']));
		const third = step(second, '8x13');
		expect(layoutsToRead(third, exampleStartMs + skewMs)).toEqual(new Set(['entries', '8x13']));
		expect(layoutsToRead(third, exampleStartMs + skewMs + 1)).toEqual(new Set(['8x13']));
		expect(nextStep(third, '8x13', exampleStartMs, timingDefaults)).toBeUndefined();
	});

	test('is finished before another one begins', () => {
		const first = step(noChange, '8x13');
		const second = step(first, 'entries');
		expect(second).toMatchObject({ current: '8x13', former: [{ name: 'entries' }] });
		expect(step(step(second, 'entries'), 'entries')).toMatchObject({ current: '8x13', next: 'entries' });
	});

	test('back to a former layout reads it whole again, and forgets what the feed has deleted', () => {
		const third = step(step(step(noChange, '2x1'), '2x1'), '2x1');
		const back = step(step(third, 'entries'), 'entries');
		expect(back).toMatchObject({ current: 'entries', former: [{ name: '2x1' }] });
		const done = step(back, 'entries');
		expect(step(done, '4x1', exampleStartMs + feedRetentionMs).former).toHaveLength(1);
		expect(step(done, '4x1', exampleStartMs + feedRetentionMs + 3 * skewMs + 1).former).toEqual([]);
	});
});

/** One thing that happens to buses and readers of different settings. */
type Event =
	| { readonly kind: 'append'; readonly bus: number; readonly takesMs: number }
	| { readonly kind: 'read'; readonly reader: number; readonly backMs: number }
	| { readonly kind: 'wait'; readonly ms: number }
	| { readonly kind: 'freeze'; readonly ms: number }
	| { readonly kind: 'late'; readonly afterMs: number }
	| { readonly kind: 'restart'; readonly bus: number };

const events: fc.Arbitrary<Event> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('append'),
			bus: fc.nat(2),
			takesMs: fc.constantFrom(0, 0, 900, 40_000, 100_000),
		}),
	},
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('read'),
			reader: fc.nat(2),
			backMs: fc.constantFrom(2_000, 60_000, feedRetentionMs - 2 * skewMs),
		}),
	},
	{
		weight: 6,
		arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(10, 1_000, 35_000, 59_000, 61_000, 91_000) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({ kind: fc.constant('freeze'), ms: fc.constantFrom(61_000, frozenBetweenStepsMs) }),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('late'), afterMs: fc.constantFrom(40_000, 100_000) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), bus: fc.nat(2) }) },
) as fc.Arbitrary<Event>;

const wantedOf = ['entries', '2x3', '3x1'] as const;

test('no reader misses an acknowledged entry while buses of different settings change the layout', async () => {
	await fc.assert(fc.asyncProperty(fc.array(events, { minLength: 60, maxLength: 120 }), run), {
		numRuns: 150,
		endOnFailure: true,
	});
});

async function run(all: readonly Event[]): Promise<void> {
	const clock = createSettableClock();
	const table = createKeptItems();
	/** The clocks of the machines differ by up to half of the skew margin to each side. */
	const open = (wanted: string | undefined, reader: number) =>
		createDynamoDbFeed(table.client, 'control', {
			timing: timingDefaults,
			clock: offBy(clock, (reader - 1) * (skewMs / 2)),
			wanted: wanted === undefined ? undefined : layoutOf(wanted),
			reader,
		});
	const buses = wantedOf.map((wanted, index) => open(wanted, index));
	const readers = [0, 1, 2].map((reader) => open(undefined, reader));
	const acknowledged: FeedEntry[] = [];
	let delayMs = 0;
	/** Writes of the layouts in use that have not had their effect yet. */
	const held: { readonly dueMs: number; readonly release: () => void }[] = [];
	table.before = (command) => {
		if (delayMs === 0 || !isStep(command)) return undefined;
		const { promise, resolve } = Promise.withResolvers<void>();
		held.push({ dueMs: clock.now().wallMs + delayMs, release: resolve });
		delayMs = 0;
		return promise;
	};

	for (const [index, event] of all.entries()) {
		const now = clock.now().wallMs;
		switch (event.kind) {
			case 'append': {
				const atMs = now + (event.bus - 1) * (skewMs / 2);
				const sessionId = sessionIdOf(new Uint8Array(16).fill(index % 256));
				const entry: FeedEntry = { id: `change ${index}`, atMs, sessionId, kind: 'end', proofWanted: false };
				const append = buses[event.bus]?.append(entry);
				clock.advance(event.takesMs);
				await append;
				acknowledged.push(entry);
				break;
			}
			case 'read': {
				const fromMs = now - event.backMs;
				const entries = await readers[event.reader]?.read(fromMs, now + skewMs);
				if (entries === undefined || entries === 'overflow') return expect.fail('the feed overflowed');
				const read = new Set(entries.map(({ sessionId, atMs }) => `${sessionId} ${atMs}`));
				const isMissing = ({ sessionId, atMs }: FeedEntry) => atMs >= fromMs && !read.has(`${sessionId} ${atMs}`);
				expect(acknowledged.filter(isMissing)).toEqual([]);
				break;
			}
			case 'wait':
				clock.advance(event.ms);
				break;
			case 'freeze':
				clock.setWall(now + event.ms);
				break;
			case 'late':
				delayMs = event.afterMs;
				break;
			case 'restart':
				buses[event.bus] = open(wantedOf[event.bus], event.bus);
		}
		for (const { dueMs, release } of held) if (dueMs <= clock.now().wallMs) release();
		await new Promise((resolve) => setImmediate(resolve));
	}
}

function isStep(command: object): boolean {
	return JSON.stringify(command).includes('feed#layouts') && 'Item' in (command as { readonly input: object }).input;
}

function offBy(clock: SettableClock, ms: number): SettableClock {
	return { ...clock, now: () => ({ ...clock.now(), wallMs: clock.now().wallMs + ms }) };
}

test.each([
	['runs', (clock: SettableClock) => clock.advance(betweenStepsMs + 1)],
	['is frozen', (clock: SettableClock) => clock.setWall(clock.now().wallMs + frozenBetweenStepsMs)],
])('the layout does change, also if the bus %s between appends', async (_, pass) => {
	const clock = createSettableClock();
	const table = createKeptItems();
	const bus = createDynamoDbFeed(table.client, 'control', {
		timing: timingDefaults,
		clock,
		wanted: { shards: 2, replicas: 3 },
	});
	const entry = { id: 'change', sessionId: sessionIdOf(new Uint8Array(16)), kind: 'end', proofWanted: false } as const;
	for (let round = 0; round < 9; round++) {
		await bus.append({ ...entry, atMs: clock.now().wallMs });
		pass(clock);
	}
	expect(JSON.parse(table.items.get('feed#layouts layouts')?.['layouts']?.S ?? '')).toMatchObject({
		current: '2x3',
		former: [{ name: 'entries', untilMs: expect.any(Number) }],
	});
	expect([...table.items.keys()].filter((key) => key.startsWith('feed#2x3#'))).not.toHaveLength(0);
});

test.each([
	['runs', (clock: SettableClock, ms: number) => clock.advance(ms)],
	['is frozen', (clock: SettableClock, ms: number) => clock.setWall(clock.now().wallMs + ms)],
])('no reader misses an entry of a bus that appends all the time and %s in between', async (_, pass) => {
	const clock = createSettableClock();
	const { client, items } = createKeptItems();
	const open = (wanted?: string) =>
		createDynamoDbFeed(client, 'control', {
			timing: timingDefaults,
			clock,
			wanted: wanted === undefined ? undefined : layoutOf(wanted),
		});
	const bus = open('2x3');
	const gapMs = 5_000;
	/** They look at the layouts at different times. */
	const readers = Array.from({ length: stateUsedMs / gapMs }, () => open());
	for (let append = 0; append < (4 * frozenBetweenStepsMs) / gapMs; append++) {
		const atMs = clock.now().wallMs;
		const sessionId = sessionIdOf(new Uint8Array(16).fill(append % 256));
		await bus.append({ id: `change ${append}`, atMs, sessionId, kind: 'end', proofWanted: false });
		for (const reader of readers.slice(0, append + 1))
			expect(await reader.read(atMs, atMs)).toContainEqual(expect.objectContaining({ sessionId, atMs }));
		pass(clock, gapMs);
	}
	expect(items.get('feed#layouts layouts')?.['version']?.N).toBe('3');
});
