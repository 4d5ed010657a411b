import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Feed, type FeedEntry, feedEntriesMax } from '../../../functions/control-table/feed.ts';
import { exampleSessionId, exampleStartMs } from '../../support/example-session.ts';

/** A feed to run the contract against. */
export interface FeedBed {
	/** Opens the feed with its own client. */
	open(): Feed;
	/** Appends many entries, in a batch if the engine can do that. */
	fill(entries: readonly FeedEntry[]): Promise<void>;
	close?(): Promise<void>;
}

const minuteMs = 60_000;

/** The contract of every adapter of the `Feed` port. */
export function feedContract(name: string, create: () => Promise<FeedBed>): void {
	describe(`the ${name} feed`, () => {
		let bed: FeedBed;
		/** Each test has its own hours, because nothing is ever removed from a feed. */
		let startMs = exampleStartMs;
		beforeAll(async () => {
			bed = await create();
		});
		afterAll(() => bed.close?.());

		test('has no entries where none were appended', async () => {
			expect(await bed.open().read(nextHours(), startMs + 5 * minuteMs)).toEqual([]);
		});

		test('returns entries as they were appended, with their ids', async () => {
			const entries = [
				{ ...entry('000000001.0000.AbC_-9.0', nextHours()), proofWanted: true },
				{ ...entry('with#hash', startMs + 1), kind: 'attributes' as const },
				entry('~', startMs + 2),
				entry('Zz09', startMs + 3),
			];
			for (const each of entries) await bed.open().append(each);
			expect(await read(startMs, startMs + 3)).toEqual(entries);
		});

		test('reads exactly the entries from the first to the last millisecond of a range, both included', async () => {
			nextHours();
			for (const offsetMs of [-1, 0, 1, 99, 100, 101]) await append(`at ${offsetMs}`, startMs + offsetMs);
			expect(await readIds(startMs, startMs + 100)).toEqual(['at 0', 'at 1', 'at 100', 'at 99']);
			expect(await readIds(startMs, startMs)).toEqual(['at 0']);
			expect(await readIds(startMs + 2, startMs + 98)).toEqual([]);
		});

		test('reads ranges that span minutes, including entries at the edges of a minute', async () => {
			const edgeMs = (Math.floor(nextHours() / minuteMs) + 1) * minuteMs;
			for (const offsetMs of [-minuteMs, -1, 0, minuteMs - 1, minuteMs, 2 * minuteMs])
				await append(`at ${offsetMs}`, edgeMs + offsetMs);
			expect(await readIds(edgeMs - minuteMs, edgeMs + 2 * minuteMs)).toHaveLength(6);
			expect(await readIds(edgeMs - 1, edgeMs)).toEqual(['at -1', 'at 0']);
			expect(await readIds(edgeMs, edgeMs + minuteMs - 1)).toEqual(['at 0', 'at 59999']);
			expect(await readIds(edgeMs + minuteMs, edgeMs + minuteMs)).toEqual(['at 60000']);
		});

		test('keeps several entries of one millisecond, and several of one session', async () => {
			nextHours();
			const ids = ['a', 'b', 'c.0', 'c.1'];
			for (const id of ids) await append(id, startMs);
			expect(await readIds(startMs, startMs)).toEqual(ids);
		});

		test('returns an entry that was appended twice under one id at both of its times', async () => {
			nextHours();
			await append('twice', startMs);
			await append('twice', startMs + 5);
			expect(await read(startMs, startMs + 9)).toMatchObject([
				{ id: 'twice', atMs: startMs },
				{ id: 'twice', atMs: startMs + 5 },
			]);
		});

		test('returns every entry whose append was answered before the read began, in any order of the appends', async () => {
			nextHours();
			for (let round = 0; round < 20; round++) {
				await append(`round ${round}`, startMs + 1_000 - round);
				expect(await readIds(startMs, startMs + 2_000)).toHaveLength(round + 1);
			}
		});

		test('takes many appends at once', async () => {
			nextHours();
			await Promise.all(Array.from({ length: 100 }, (_, index) => append(`e${index}`, startMs + (index % 7))));
			expect(new Set(await readIds(startMs, startMs + 7)).size).toBe(100);
		});

		test('returns all entries if they are more than a megabyte', { timeout: 60_000 }, async () => {
			nextHours();
			const entries = Array.from({ length: 1_200 }, (_, index) =>
				entry(String(index).padStart(990, '0'), startMs + (index % 50)),
			);
			await bed.fill(entries);
			const ids = await readIds(startMs, startMs + 50);
			expect(ids).toEqual(entries.map(({ id }) => id).sort());
		});

		test('overflows if there are more entries than a sync may read, and not before', {
			timeout: 120_000,
		}, async () => {
			const nextMinuteMs = nextHours() + minuteMs;
			await bed.fill(Array.from({ length: feedEntriesMax }, (_, index) => entry(`e${index}`, startMs)));
			expect(await read(startMs, nextMinuteMs)).toHaveLength(feedEntriesMax);
			await append('one in the next minute', nextMinuteMs);
			expect(await bed.open().read(startMs, nextMinuteMs)).toBe('overflow');
			expect(await read(startMs, startMs)).toHaveLength(feedEntriesMax);
			await append('one in the same minute', startMs);
			expect(await bed.open().read(startMs, startMs)).toBe('overflow');
			expect(await read(nextMinuteMs, nextMinuteMs)).toHaveLength(1);
		});

		function nextHours(): number {
			startMs += 10 * 60 * minuteMs;
			return startMs;
		}

		async function append(id: string, atMs: number): Promise<void> {
			await bed.open().append(entry(id, atMs));
		}

		/** Sorted by time and id. A feed may return its entries in any order. */
		async function read(fromMs: number, toMs: number): Promise<FeedEntry[]> {
			const entries = await bed.open().read(fromMs, toMs);
			if (entries === 'overflow') throw new Error('the feed overflowed');
			return [...entries].sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
		}

		async function readIds(fromMs: number, toMs: number): Promise<string[]> {
			return (await read(fromMs, toMs)).map(({ id }) => id).sort();
		}
	});
}

function entry(id: string, atMs: number): FeedEntry {
	return { id, atMs, sessionId: exampleSessionId(atMs % 256), kind: 'end', proofWanted: false };
}
