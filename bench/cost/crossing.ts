/** A sum at one size of something, such as dollars at a number of environments. */
export type Point = readonly [size: number, value: number];

/** Where one curve begins to lie above another one. */
export type Crossing =
	| { readonly kind: 'below' }
	| { readonly kind: 'above' }
	/** It is below until this size, which is interpolated between two that were measured. */
	| { readonly kind: 'crosses'; readonly at: number }
	/** It is above until this size, and below from there on. */
	| { readonly kind: 'dives'; readonly at: number };

/**
 * The last crossing of two curves with points at the same sizes. Sizes are interpolated as powers,
 * because they span several of them.
 *
 * @throws if the sizes differ
 */
export function crossingOf(curve: readonly Point[], other: readonly Point[]): Crossing {
	const differences = curve.map(([size, value], index) => {
		const [otherSize, otherValue] = other[index] ?? [Number.NaN, Number.NaN];
		if (otherSize !== size) throw new Error(`The curves have no common point at ${size}.`);
		return [size, value - otherValue] as const;
	});
	const last = differences.at(-1);
	if (last === undefined) throw new Error('A curve without points crosses nothing.');
	const isAbove = last[1] > 0;
	const before = differences.findLastIndex(([, difference]) => difference > 0 !== isAbove);
	const [from, to] = [differences[before], differences[before + 1]];
	if (from === undefined || to === undefined) return { kind: isAbove ? 'above' : 'below' };
	const part = from[1] / (from[1] - to[1]);
	return { kind: isAbove ? 'crosses' : 'dives', at: from[0] * (to[0] / from[0]) ** part };
}
