import { describe, expect, test } from 'vitest';
import type { FeedEntry } from '../../../../functions/control-table/feed.ts';
import { feedOverlapMs, timingDefaults } from '../../../../functions/control-table/timing.ts';
import { createRecentEntries } from '../../../../functions/session-server/memory/recent-entries.ts';
import { exampleSessionId } from '../../../support/example-session.ts';

const timing = { ...timingDefaults, skewMs: 500, feedAppendMs: 1_000 };
const overlapMs = feedOverlapMs(timing);

function entry(id: string, atMs: number, proofWanted = false): FeedEntry {
	return { id, atMs, sessionId: exampleSessionId(1), proofWanted };
}

describe('an entry of the feed', () => {
	test('is new once, however often it is read', () => {
		const recent = createRecentEntries(timing);
		expect(recent.add(entry('a', 10_000))).toBe(true);
		expect(recent.add(entry('a', 10_000))).toBe(false);
		expect(recent.add(entry('b', 10_000))).toBe(true);
	});

	test('is remembered for as long as a later sync reads it again', () => {
		const recent = createRecentEntries(timing);
		recent.add(entry('a', 10_000));
		recent.forgetBefore(10_000 + overlapMs);
		expect(recent.add(entry('a', 10_000))).toBe(false);
		recent.forgetBefore(10_001 + overlapMs);
		expect(recent.add(entry('a', 10_000))).toBe(true);
	});

	test('counts as new again, rather than be missed, when there are too many to remember', () => {
		const recent = createRecentEntries(timing);
		for (let index = 0; index < 20_000; index++) recent.add(entry(`e${index}`, index));
		expect(recent.add(entry('e0', 0))).toBe(false);
		expect(recent.add(entry('one more', 0))).toBe(true);
		expect(recent.add(entry('e0', 0))).toBe(true);
	});
});

describe('an entry that asks for proof', () => {
	test('waits for proof of a sync beyond the overlap', () => {
		const recent = createRecentEntries(timing);
		recent.add(entry('a', 10_000, true));
		expect(recent.mustProve()).toBe(true);
		recent.proved(10_000 + overlapMs);
		expect(recent.mustProve()).toBe(true);
		recent.proved(10_001 + overlapMs);
		expect(recent.mustProve()).toBe(false);
	});

	test('read again after its proof does not ask again', () => {
		const recent = createRecentEntries(timing);
		recent.add(entry('a', 10_000, true));
		recent.proved(10_001 + overlapMs);
		recent.add(entry('a', 10_000, true));
		expect(recent.mustProve()).toBe(false);
	});

	test('is not proven by what proves an earlier one, in whatever order they were read', () => {
		for (const times of [
			[10_000, 20_000],
			[20_000, 10_000],
		]) {
			const recent = createRecentEntries(timing);
			for (const atMs of times) recent.add(entry(`at ${atMs}`, atMs, true));
			recent.proved(10_001 + overlapMs);
			expect(recent.mustProve()).toBe(true);
			recent.proved(20_001 + overlapMs);
			expect(recent.mustProve()).toBe(false);
		}
	});

	test('is the only kind that does', () => {
		const recent = createRecentEntries(timing);
		recent.add(entry('a', 10_000));
		expect(recent.mustProve()).toBe(false);
	});
});
