/** One request of a workload. */
export interface Planned {
	/** When it is due, in milliseconds after the start. */
	readonly atMs: number;
	/** The index of its session. */
	readonly session: number;
	readonly kind: 'decide' | 'change';
}

export interface TrafficOptions {
	/** Requests a second, on average. */
	readonly perSecond: number;
	readonly seconds: number;
	readonly sessions: number;
	/** The part of the requests that change their session. */
	readonly changes: number;
	/**
	 * How unevenly sessions are used: the use of the session at rank n is proportional to 1/n to
	 * this power (Zipf's law).
	 *
	 * @default 1
	 */
	readonly exponent?: number;
}

/** Requests at random moments, as many independent clients make them (a Poisson process). */
export function planTraffic(random: () => number, options: TrafficOptions): readonly Planned[] {
	const { perSecond, seconds, sessions, changes, exponent = 1 } = options;
	const pick = zipf(sessions, exponent);
	const planned: Planned[] = [];
	for (let atMs = gap(random, perSecond); atMs < seconds * 1_000; atMs += gap(random, perSecond))
		planned.push({ atMs, session: pick(random()), kind: random() < changes ? 'change' : 'decide' });
	return planned;
}

function gap(random: () => number, perSecond: number): number {
	return (-Math.log(1 - random()) * 1_000) / perSecond;
}

/** Turns a number from 0 to below 1 into a rank, from 0. Low ranks are drawn more often. */
export function zipf(ranks: number, exponent: number): (drawn: number) => number {
	const sums = new Float64Array(ranks);
	let sum = 0;
	for (let rank = 0; rank < ranks; rank++) {
		sum += (rank + 1) ** -exponent;
		sums[rank] = sum;
	}
	return (drawn) => {
		const wanted = drawn * sum;
		let [low, high] = [0, ranks - 1];
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((sums[middle] ?? 0) > wanted) high = middle;
			else low = middle + 1;
		}
		return low;
	};
}
