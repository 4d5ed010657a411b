import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../system/clock.ts';
import { Unreachable } from '../../system/unreachable.ts';
import { type Feed, type FeedEntry, feedEntriesMax } from '../feed.ts';
import { type FeedLayout, layoutName, layoutOf } from '../feed-layout.ts';
import { layoutsToRead, noChange } from '../layout-change.ts';
import type { Timing } from '../timing.ts';
import { allSettled } from './call.ts';
import { createEntryItems } from './entry-items.ts';
import type { FeedStore } from './feed-store.ts';
import { createKnownLayouts } from './known-layouts.ts';
import { createPackedItems } from './packed-items.ts';

export interface FeedSettings {
	readonly timing: Pick<Timing, 'feedRetentionMs' | 'skewMs'>;
	readonly clock: Clock;
	/**
	 * The layout to which appends change the feed.
	 *
	 * @default the one in use
	 */
	readonly wanted?: FeedLayout | undefined;
	/**
	 * Any whole number. Readers with different ones share the replicas of a packed feed.
	 *
	 * @default 0
	 */
	readonly reader?: number | undefined;
}

/** The feed as items of the control table, in the layouts that are in use there. */
export function createDynamoDbFeed(
	client: DynamoDBClient,
	tableName: string,
	{ timing, clock, wanted, reader = 0 }: FeedSettings,
): Feed {
	const table = { client, tableName, retentionMs: timing.feedRetentionMs };
	const layouts = createKnownLayouts(table, clock, timing);
	const wantedName = layoutName(wanted ?? 'entries');
	/** Another replica is read after one that did not answer. */
	let replica = reader;

	/** `undefined`: only a later version knows this layout. */
	function storeOf(name: string): FeedStore | undefined {
		const layout = layoutOf(name);
		if (layout === undefined) return undefined;
		return layout === 'entries' ? createEntryItems(table) : createPackedItems(table, layout, replica % layout.replicas);
	}

	async function appendTo(name: string, entry: FeedEntry): Promise<void> {
		const store = storeOf(name);
		if (store === undefined) throw new Unreachable('control table', new Error(`the feed has the layout ${name}`));
		await store.append(entry);
	}

	/**
	 * While functions are replaced, the role may be that of the release before, which may not read
	 * the layouts. Then that release's layout is in use, because the setting for another one comes
	 * after the upgrade, and goes before a rollback.
	 */
	async function currentLayout(): Promise<string> {
		try {
			return (await layouts.ask()).current;
		} catch (error) {
			const { current, next } = layouts.guess() ?? noChange;
			const isUnchanged = wantedName === noChange.current && current === noChange.current && next === undefined;
			if (isUnchanged && isDenied(error)) return current;
			throw error;
		}
	}

	return {
		/** Looks at the layouts in use beside the write, and writes again if the guess was wrong. */
		append: async (entry) => {
			const guess = layouts.guess()?.current ?? wantedName;
			const [current] = await allSettled([currentLayout(), appendTo(guess, entry)]);
			if (current !== guess) await appendTo(current, entry);
			if (wanted !== undefined) void layouts.moveTowards(wantedName);
		},

		/** Looks at the layouts in use beside the read, and then reads those that it did not expect. */
		read: async (fromMs, toMs) => {
			const entries: FeedEntry[] = [];
			const isRead = new Set<string>();
			let overflows = false;
			const take = (entry: FeedEntry | undefined) => {
				if (entry === undefined || entries.length >= feedEntriesMax) overflows = true;
				else entries.push(entry);
				return !overflows;
			};
			const readLayout = async (name: string) => {
				if (isRead.has(name)) return;
				isRead.add(name);
				const store = storeOf(name);
				if (store === undefined) overflows = true;
				else await store.read(fromMs, toMs, take);
			};
			const readAll = (names: Iterable<string>) => Promise.all(Array.from(names, readLayout));
			try {
				const expected = layoutsToRead(layouts.guess() ?? noChange, fromMs);
				const [inUse] = await Promise.all([layouts.ask(), readAll(expected)]);
				await readAll(layoutsToRead(inUse, fromMs));
			} catch (error) {
				replica++;
				throw error;
			}
			return overflows ? 'overflow' : entries;
		},
	};
}

function isDenied(error: unknown): boolean {
	const cause = error instanceof Unreachable ? error.cause : undefined;
	return cause instanceof Error && cause.name === 'AccessDeniedException';
}
