/**
 * Hybrid logical clock stamps (Kulkarni et al. 2014): the time of a change, comparable as plain
 * strings.
 *
 * A stamp is `WWWWWWWWW.CCCC.NODE`: wall milliseconds and a counter in base 36, then the name of
 * its author, which makes stamps unique. Fixed widths make the order of stamps that of strings, so
 * the lattice compares them as strings.
 */
export type Stamp = string & { readonly brand: 'Stamp' };

/**
 * 36^9 ms reach past the year 5000. 36^4 changes in a millisecond are more than a session can
 * receive.
 */
const wallDigits = 9;
const counterDigits = 4;
const counterMax = 36 ** counterDigits - 1;

export function makeStamp(wallMs: number, counter: number, node: string): Stamp {
	const wall = Math.max(0, Math.floor(wallMs)).toString(36).padStart(wallDigits, '0');
	return `${wall}.${counter.toString(36).padStart(counterDigits, '0')}.${node}` as Stamp;
}

/** The wall clock's milliseconds in a stamp. */
export function stampWallMs(stamp: Stamp): number {
	return Number.parseInt(stamp.slice(0, wallDigits), 36);
}

function stampCounter(stamp: Stamp): number {
	return Number.parseInt(stamp.slice(wallDigits + 1, wallDigits + 1 + counterDigits), 36);
}

/**
 * The stamp of a change that is made now and replaces the stamps `replaced`.
 *
 *     nextStamp > each of replaced
 *
 * It is no further ahead of the clock than they are. So a stamp from a clock that runs ahead does
 * no harm: the next change gets the next higher stamp (assumption A1).
 */
export function nextStamp(nowMs: number, node: string, replaced: Iterable<Stamp>): Stamp {
	let latest: Stamp | undefined;
	for (const stamp of replaced) if (latest === undefined || stamp > latest) latest = stamp;
	if (latest === undefined || stampWallMs(latest) < Math.floor(nowMs)) return makeStamp(nowMs, 0, node);
	return after(latest, node);
}

function after(stamp: Stamp, node: string): Stamp {
	const counter = stampCounter(stamp) + 1;
	return counter > counterMax
		? makeStamp(stampWallMs(stamp) + 1, 0, node)
		: makeStamp(stampWallMs(stamp), counter, node);
}

/**
 * How far a stamp may be ahead of the bus's clock. A clock that is off by less does no harm. A
 * stamp at the end of the range could never be replaced.
 */
const stampAheadMsMax = 24 * 3_600_000;

/** Whether the bus takes a stamp at this time. */
export function isInReach(stamp: Stamp, nowMs: number): boolean {
	return stampWallMs(stamp) <= nowMs + stampAheadMsMax;
}

/** The form of a stamp on the wire. The last 36th of the range is left to the stamps after it. */
export const stampPattern = /^[0-9a-y][0-9a-z]{8}\.[0-9a-z]{4}\.[A-Za-z0-9_-]{1,32}$/;
