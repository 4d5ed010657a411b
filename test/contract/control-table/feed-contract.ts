import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Feed, type FeedEntry, feedEntriesMax } from '../../../functions/control-table/feed.ts';
import { exampleSessionId, exampleStartMs } from '../../support/example-session.ts';

/** A feed to run the contract against. */
export interface FeedBed {
	/** Opens the feed with its own client. */
	open(): Feed;
	/** Appends many entries. */
	fill(entries: readonly FeedEntry[]): Promise<void>;
	/**
	 * The id that an entry has when it is read.
	 *
	 * @default its own
	 */
	idOf?(entry: FeedEntry): string;
	close?(): Promise<void>;
}

const minuteMs = 60_000;

/** More than a megabyte. */
export const pageEntries = 1_200;

/**
 * The contract of every adapter of the `Feed` port.
 *
 * @param entriesMax how many entries an engine takes in a reasonable time. Tests that need more are
 * left out.
 */
export function feedContract(
	name: string,
	create: () => Promise<FeedBed>,
	entriesMax = Number.POSITIVE_INFINITY,
): void {
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
			const ids = entries.map(idOf);
			expect(await read(startMs, startMs + 3)).toEqual(entries.map((each, index) => ({ ...each, id: ids[index] })));
			expect(new Set(ids).size).toBe(entries.length);
		});

		test('reads exactly the entries from the first to the last millisecond of a range, both included', async () => {
			nextHours();
			for (const offsetMs of [-1, 0, 1, 99, 100, 101]) await append(`at ${offsetMs}`, startMs + offsetMs);
			expect(await readOffsets(startMs, startMs + 100)).toEqual([0, 1, 99, 100]);
			expect(await readOffsets(startMs, startMs)).toEqual([0]);
			expect(await readOffsets(startMs + 2, startMs + 98)).toEqual([]);
		});

		test('reads ranges that span minutes, including entries at the edges of a minute', async () => {
			const edgeMs = (Math.floor(nextHours() / minuteMs) + 1) * minuteMs;
			for (const offsetMs of [-minuteMs, -1, 0, minuteMs - 1, minuteMs, 2 * minuteMs])
				await append(`at ${offsetMs}`, edgeMs + offsetMs);
			expect(await readOffsets(edgeMs - minuteMs, edgeMs + 2 * minuteMs, edgeMs)).toHaveLength(6);
			expect(await readOffsets(edgeMs - 1, edgeMs, edgeMs)).toEqual([-1, 0]);
			expect(await readOffsets(edgeMs, edgeMs + minuteMs - 1, edgeMs)).toEqual([0, minuteMs - 1]);
			expect(await readOffsets(edgeMs + minuteMs, edgeMs + minuteMs, edgeMs)).toEqual([minuteMs]);
		});

		test('keeps several entries of one millisecond, and several of one session', async () => {
			nextHours();
			const ids = ['a', 'b', 'c.0', 'c.1'];
			for (const id of ids) await append(id, startMs);
			expect(await readIds(startMs, startMs)).toEqual(ids.map((id) => idOf(entry(id, startMs))).sort());
		});

		test('returns an entry that was appended twice under one id at both of its times', async () => {
			nextHours();
			const once = entry('twice', startMs);
			await bed.open().append(once);
			await bed.open().append({ ...once, atMs: startMs + 5 });
			expect(await read(startMs, startMs + 9)).toMatchObject([
				{ id: idOf(once), atMs: startMs },
				{ id: idOf(once), atMs: startMs + 5 },
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

		if (entriesMax >= pageEntries)
			test('returns all entries if they are more than a megabyte', { timeout: 60_000 }, async () => {
				nextHours();
				const entries = Array.from({ length: pageEntries }, (_, index) =>
					entry(String(index).padStart(990, '0'), startMs + (index % 50)),
				);
				await bed.fill(entries);
				const ids = await readIds(startMs, startMs + 50);
				expect(ids).toEqual(entries.map(idOf).sort());
			});

		if (entriesMax > feedEntriesMax)
			test('overflows if there are more entries than a sync may read, and not before', {
				timeout: 120_000,
			}, async () => {
				const nextMinuteMs = nextHours() + minuteMs;
				const lastMs = startMs + 9_999;
				await bed.fill(
					Array.from({ length: feedEntriesMax }, (_, index) => entry(`e${index}`, startMs + (index % 10_000))),
				);
				expect(await read(startMs, nextMinuteMs)).toHaveLength(feedEntriesMax);
				await append('one in the next minute', nextMinuteMs);
				expect(await bed.open().read(startMs, nextMinuteMs)).toBe('overflow');
				expect(await read(startMs, lastMs)).toHaveLength(feedEntriesMax);
				await append('one in the same minute', startMs);
				expect(await bed.open().read(startMs, lastMs)).toBe('overflow');
				expect(await read(nextMinuteMs, nextMinuteMs)).toHaveLength(1);
			});

		function nextHours(): number {
			startMs += 10 * 60 * minuteMs;
			return startMs;
		}

		function idOf(one: FeedEntry): string {
			return bed.idOf?.(one) ?? one.id;
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

		/** How long after `baseMs` the entries of a range are dated. */
		async function readOffsets(fromMs: number, toMs: number, baseMs = startMs): Promise<number[]> {
			return (await read(fromMs, toMs)).map(({ atMs }) => atMs - baseMs);
		}

		async function readIds(fromMs: number, toMs: number): Promise<string[]> {
			return (await read(fromMs, toMs)).map(({ id }) => id).sort();
		}
	});
}

function entry(id: string, atMs: number): FeedEntry {
	return { id, atMs, sessionId: exampleSessionId(atMs % 256), kind: 'end', proofWanted: false };
}
