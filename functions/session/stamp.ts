/**
 * Hybrid logical clock stamps (Kulkarni et al. 2014): the time of a change, comparable as plain strings.
 *
 * A stamp reads `WWWWWWWWW.CCCC.NODE`: wall milliseconds and a counter in fixed-width base 36, then the name of whoever
 * made it, which makes stamps unique. Fixed widths make the string order the stamp order, so every comparison in the
 * lattice is a comparison of strings.
 */
export type Stamp = string & { readonly brand: 'Stamp' };

/** 36^9 ms is past the year 5000; 36^4 changes in one millisecond are more than one session can receive. */
const wallDigits = 9;
const counterDigits = 4;
const counterMax = 36 ** counterDigits - 1;

export function makeStamp(wallMs: number, counter: number, node: string): Stamp {
	const wall = Math.max(0, Math.floor(wallMs)).toString(36).padStart(wallDigits, '0');
	return `${wall}.${counter.toString(36).padStart(counterDigits, '0')}.${node}` as Stamp;
}

/** Wall milliseconds of a stamp. */
export function stampWallMs(stamp: Stamp): number {
	return Number.parseInt(stamp.slice(0, wallDigits), 36);
}

function stampCounter(stamp: Stamp): number {
	return Number.parseInt(stamp.slice(wallDigits + 1, wallDigits + 1 + counterDigits), 36);
}

/**
 * The stamp of a change made now that replaces `replaced`: larger than all of them, whatever the clock says, and no
 * further ahead of it than they are. A stamp from a clock that runs ahead is therefore no more than a high number: whoever
 * replaces it goes one higher (assumption A1).
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

/** What a stamp looks like on the wire. */
export const stampPattern = /^[0-9a-z]{9}\.[0-9a-z]{4}\.[A-Za-z0-9_-]{1,32}$/;
