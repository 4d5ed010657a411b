import { describe, expect, test } from 'vitest';
import { announce } from '../../../../functions/bus/writing/commit.ts';
import type { Feed } from '../../../../functions/control-table/feed.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { createRecentEntries } from '../../../../functions/session-server/memory/recent-entries.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { exampleSessionId, exampleStartMs } from '../../../support/example-session.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const timing = { ...timingDefaults, feedAppendMs: 1_000 };
const change = { kind: 'end', sessionId: exampleSessionId(1), proofWanted: true, changeId: 'change' } as const;

const idOf = (attempt: number) => `change.${change.sessionId}.${attempt}`;

/** A feed whose appends take the given times, one after the other. Later appends take no time. */
function slowFeed(tookMs: readonly (number | 'freeze' | 'set back')[]) {
	const clock = createSettableClock();
	const memory = createMemoryFeed();
	const left = [...tookMs];
	const feed: Feed = {
		...memory,
		append: async (entry) => {
			await memory.append(entry);
			const took = left.shift() ?? 0;
			if (took === 'set back') clock.setWall(clock.now().wallMs - 60_000);
			else if (took === 'freeze') clock.setWall(clock.now().wallMs + 60_000);
			else clock.advance(took);
		},
	};
	const entries = () => memory.read(0, Number.MAX_SAFE_INTEGER);
	return { clock, feed, entries };
}

describe('an announcement', () => {
	test('is one entry, with the time before the append, when that is quick enough', async () => {
		const { clock, feed, entries } = slowFeed([1_000]);
		expect(await announce(feed, clock, timing, change)).toBe('announced');
		expect(await entries()).toEqual([
			{ id: idOf(0), atMs: exampleStartMs, sessionId: change.sessionId, kind: 'end', proofWanted: true },
		]);
	});

	test('is repeated with a later time when its append was too slow', async () => {
		const { clock, feed, entries } = slowFeed([1_001, 5]);
		expect(await announce(feed, clock, timing, change)).toBe('announced');
		expect(await entries()).toMatchObject([
			{ id: idOf(0), atMs: exampleStartMs },
			{ id: idOf(1), atMs: exampleStartMs + 1_001 },
		]);
	});

	test('is repeated when a freeze interrupted it, which only the wall clock shows', async () => {
		const { clock, feed, entries } = slowFeed(['freeze']);
		expect(await announce(feed, clock, timing, change)).toBe('announced');
		expect(await entries()).toMatchObject([{}, { atMs: exampleStartMs + 60_000 }]);
	});

	test('is repeated when the wall clock was set back meanwhile', async () => {
		const { clock, feed, entries } = slowFeed(['set back']);
		expect(await announce(feed, clock, timing, change)).toBe('announced');
		expect(await entries()).toHaveLength(2);
	});

	test('is given up as too slow after three attempts', async () => {
		const { clock, feed, entries } = slowFeed([2_000, 2_000, 2_000]);
		expect(await announce(feed, clock, timing, change)).toBe('too-slow');
		expect(await entries()).toHaveLength(3);
	});

	test('has the same entry ids when it is repeated under the same name', async () => {
		const { clock, feed, entries } = slowFeed([]);
		await announce(feed, clock, timing, change);
		clock.advance(50);
		await announce(feed, clock, timing, change);
		expect(await entries()).toMatchObject([{ id: idOf(0) }, { id: idOf(0), atMs: exampleStartMs + 50 }]);
	});

	test('has other entry ids than one of another session under the same name', async () => {
		const { clock, feed, entries } = slowFeed([]);
		const other = { ...change, sessionId: exampleSessionId(2) };
		for (const each of [change, other, { ...other, changeId: `change.${change.sessionId}` }])
			await announce(feed, clock, timing, each);
		const announced = await entries();
		const recent = createRecentEntries(timing);
		expect(announced === 'overflow' ? [] : announced.filter(recent.add)).toHaveLength(3);
	});

	test('throws Unreachable when the feed does not answer', async () => {
		const { clock, feed } = slowFeed([]);
		const broken: Feed = { ...feed, append: () => Promise.reject(new Unreachable('control table', undefined)) };
		await expect(announce(broken, clock, timing, change)).rejects.toBeInstanceOf(Unreachable);
	});
});
