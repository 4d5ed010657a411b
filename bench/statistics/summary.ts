/** The median and the spread of a value that was measured once in each round. */
export interface Summary {
	readonly median: number;
	readonly min: number;
	readonly max: number;
	readonly rounds: number;
}

/** @throws if there are no values */
export function summaryOf(values: readonly number[]): Summary {
	return {
		median: median(values),
		min: Math.min(...values),
		max: Math.max(...values),
		rounds: values.length,
	};
}

/** The value in the middle, or the mean of the two in the middle. @throws if there are no values */
export function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	const upper = sorted[Math.floor(sorted.length / 2)];
	const lower = sorted[Math.ceil(sorted.length / 2) - 1];
	if (upper === undefined || lower === undefined) throw new Error('There is no median of no values.');
	return (lower + upper) / 2;
}
