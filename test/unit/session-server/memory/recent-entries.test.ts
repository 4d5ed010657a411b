import { describe, expect, test } from 'vitest';
import type { FeedEntry } from '../../../../functions/control-table/feed.ts';
import { feedOverlapMs, timingDefaults } from '../../../../functions/control-table/timing.ts';
import { createRecentEntries } from '../../../../functions/session-server/memory/recent-entries.ts';
import { exampleSessionId } from '../../../support/example-session.ts';

const timing = { ...timingDefaults, skewMs: 500, feedAppendMs: 1_000 };
const overlapMs = feedOverlapMs(timing);

function entry(id: string, atMs: number, proofWanted = false): FeedEntry {
	return { id, atMs, sessionId: exampleSessionId(1), kind: 'end', proofWanted };
}

describe('an entry of the feed', () => {
	test('is new only when it is read for the first time', () => {
		const recent = createRecentEntries(timing);
		expect(recent.add(entry('a', 10_000))).toBe(true);
		expect(recent.add(entry('a', 10_000))).toBe(false);
		expect(recent.add(entry('b', 10_000))).toBe(true);
	});

	test('is remembered as long as later syncs may read it again', () => {
		const recent = createRecentEntries(timing);
		recent.add(entry('a', 10_000));
		recent.forgetBefore(10_000 + overlapMs);
		expect(recent.add(entry('a', 10_000))).toBe(false);
		recent.forgetBefore(10_001 + overlapMs);
		expect(recent.add(entry('a', 10_000))).toBe(true);
	});

	test('counts as new again if there were too many to remember', () => {
		const recent = createRecentEntries(timing);
		for (let index = 0; index < 20_000; index++) recent.add(entry(`e${index}`, index));
		expect(recent.add(entry('e0', 0))).toBe(false);
		expect(recent.add(entry('one more', 0))).toBe(true);
		expect(recent.add(entry('e0', 0))).toBe(true);
	});
});

describe('an entry with proofWanted', () => {
	test('waits for the proof of a sync beyond the overlap', () => {
		const recent = createRecentEntries(timing);
		recent.add(entry('a', 10_000, true));
		expect(recent.mustProve()).toBe(true);
		recent.proved(10_000 + overlapMs);
		expect(recent.mustProve()).toBe(true);
		recent.proved(10_001 + overlapMs);
		expect(recent.mustProve()).toBe(false);
	});

	test('does not ask for a proof again when it is read again', () => {
		const recent = createRecentEntries(timing);
		recent.add(entry('a', 10_000, true));
		recent.proved(10_001 + overlapMs);
		recent.add(entry('a', 10_000, true));
		expect(recent.mustProve()).toBe(false);
	});

	test('is not proved by the proof of an earlier one, in whichever order they were read', () => {
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

	test('is the only kind that waits for a proof', () => {
		const recent = createRecentEntries(timing);
		recent.add(entry('a', 10_000));
		expect(recent.mustProve()).toBe(false);
	});
});
