/** Turns values into places on an axis. */
export interface Scale {
	place(value: number): number;
	/** The values that are written at the axis. */
	readonly ticks: readonly number[];
}

export interface Range {
	readonly from: number;
	readonly to: number;
}

/** Equal steps for equal differences. */
export function linear(values: Range, places: Range, steps = 5): Scale {
	const step = roundStep((values.to - values.from) / steps);
	const first = Math.ceil(values.from / step);
	const last = Math.floor(values.to / step + 1e-9);
	return {
		place: (value) => between(places, (value - values.from) / (values.to - values.from)),
		ticks: Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step),
	};
}

/** Equal steps for equal ratios. Smaller values than the range are placed at its beginning. */
export function logarithmic(values: Range, places: Range): Scale {
	const [low, high] = [Math.log10(values.from), Math.log10(values.to)];
	const powers = Array.from(
		{ length: Math.floor(high + 1e-9) - Math.ceil(low - 1e-9) + 1 },
		(_, index) => 10 ** (Math.ceil(low - 1e-9) + index),
	);
	return {
		place: (value) => between(places, (Math.log10(Math.max(value, values.from)) - low) / (high - low)),
		ticks: powers,
	};
}

/** 1, 2 or 5 times a power of ten, and not less than asked for. */
function roundStep(step: number): number {
	const power = 10 ** Math.floor(Math.log10(step));
	return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}

function between({ from, to }: Range, part: number): number {
	return from + part * (to - from);
}
