import type { FeedLayout } from './feed-layout.ts';

/**
 * Which layouts of the feed are in use. It is one item of the control table, so buses and session
 * servers with different settings agree: all buses write the current layout, and every reader reads
 * all layouts in which it could miss an entry.
 *
 * A change takes three steps, made by a bus whose setting differs:
 *
 * 1. The new layout is `next`: it is read, but not written.
 * 2. It is current. The one before is `former`: it is read, but no longer written.
 * 3. The former one has `untilMs`: it is read only for times before that.
 *
 * Nobody begins a call with a state that is older than `stateUsedMs`. A bus makes a step only
 * `betweenStepsMs` after it has seen the one before. So when a read begins, its state is at most
 * one step behind that of any append that was answered, and every layout that an append may use
 * was `next` one step earlier. If the read's state is ahead, it still reads the former layout for
 * the time of the entry, because entries are dated before their append. A step whose write comes
 * late only makes the steps after it later. Only `untilMs` compares clocks of two machines.
 */
export interface LayoutsInUse {
	/** Goes up by one with each step. 0: there is no item yet. */
	readonly version: number;
	readonly current: FeedLayoutName;
	readonly next?: FeedLayoutName | undefined;
	readonly former: readonly FormerLayout[];
}

/** As `layoutName` gives it. A later version may use others. */
export type FeedLayoutName = string;

export interface FormerLayout {
	readonly name: FeedLayoutName;
	/** No entry that was dated after this is in the layout. */
	readonly untilMs?: number | undefined;
}

/** How long a state is used after the moment before it was read. */
export const stateUsedMs = 60_000;
/** How long after it has seen a state a bus makes the next step. No older one is used by then. */
export const betweenStepsMs = 1.5 * stateUsedMs;
/**
 * The same by the wall clock, for a bus that is frozen most of the time, and so hardly runs. It is
 * longer, so that a clock that was set by minutes does not end the wait too early.
 */
export const frozenBetweenStepsMs = 10 * betweenStepsMs;

/** The feed before any change. Releases that do not know the item read and write this. */
export const noChange: LayoutsInUse = { version: 0, current: 'entries' satisfies FeedLayout, former: [] };

/** The layouts that have entries from `fromMs` on. */
export function layoutsToRead({ current, next, former }: LayoutsInUse, fromMs: number): ReadonlySet<FeedLayoutName> {
	const named = new Set([current]);
	if (next !== undefined) named.add(next);
	for (const { name, untilMs = Number.POSITIVE_INFINITY } of former) if (fromMs <= untilMs) named.add(name);
	return named;
}

/**
 * The next step towards the wanted layout. `undefined`: there is none to make.
 *
 * @param nowMs the time of the bus that makes the step
 */
export function nextStep(
	{ version, current, next, former }: LayoutsInUse,
	wanted: FeedLayoutName,
	nowMs: number,
	{ skewMs, feedRetentionMs }: { readonly skewMs: number; readonly feedRetentionMs: number },
): LayoutsInUse | undefined {
	const step = { version: version + 1 };
	if (next !== undefined) {
		const others = former.filter(({ name }) => name !== current && name !== next);
		return { ...step, current: next, former: [...others, { name: current }] };
	}
	if (former.some(({ untilMs }) => untilMs === undefined)) {
		// By now, nobody begins to append to a former layout. Other clocks may be ahead of this one.
		const ended = former.map(({ name, untilMs = nowMs + skewMs }) => ({ name, untilMs }));
		return { ...step, current, former: ended };
	}
	if (wanted === current) return undefined;
	// An entry from before this is deleted by now, and no read reaches back to it.
	const oldestMs = nowMs - feedRetentionMs - 2 * skewMs;
	return { ...step, current, next: wanted, former: former.filter(({ untilMs = 0 }) => untilMs >= oldestMs) };
}
