import { pairedRatio, type Ratio } from '../statistics/ratio.ts';
import type { Rounds } from '../statistics/rounds.ts';
import { type Summary, summaryOf } from '../statistics/summary.ts';
import type { Machine } from './machine.ts';

/** One measure of one contender under one workload. */
export interface Figure extends Summary {
	readonly workload: string;
	readonly contender: string;
	readonly measure: string;
	readonly unit: string;
	/** How many times as large it is as Leasehold's. Missing for Leasehold itself. */
	readonly toLeasehold?: Ratio;
}

/** A line of a picture: pairs of x and y. */
export interface Series {
	readonly picture: string;
	readonly contender: string;
	readonly points: readonly (readonly [x: number, y: number])[];
}

/** The outcome of one benchmark, as it is in `docs/benchmarks/`. */
export interface Result {
	readonly benchmark: string;
	/** `small` runs are for development: their figures say little. */
	readonly size: Size;
	readonly machine: Machine;
	/** The injected latencies and the amount of work, for readers. */
	readonly settings: Readonly<Record<string, string | number>>;
	readonly figures: readonly Figure[];
	readonly series?: readonly Series[];
	/** Sentences that belong to the figures. */
	readonly notes?: readonly string[];
}

export type Size = 'small' | 'full';

/** The contender to which the others are compared. */
export const base = 'leasehold';

/** The figures of a workload. Measures that are in `ratios` are compared with Leasehold's. */
export function figuresOf(
	workload: string,
	units: Readonly<Record<string, string>>,
	rounds: Rounds<string>,
	baseName = base,
): readonly Figure[] {
	return [...rounds].flatMap(([contender, measured]) =>
		Object.entries(units).flatMap(([measure, unit]) => {
			const values = valuesOf(measured, measure);
			if (values === undefined) return [];
			const ours = valuesOf(rounds.get(baseName) ?? [], measure);
			const compared = contender !== baseName && ours !== undefined && canCompare(values, ours);
			return {
				workload,
				contender,
				measure,
				unit,
				...summaryOf(values),
				...(compared ? { toLeasehold: pairedRatio(values, ours) } : {}),
			};
		}),
	);
}

function valuesOf(rounds: readonly Readonly<Record<string, number>>[], measure: string): readonly number[] | undefined {
	const values = rounds.flatMap((round) => round[measure] ?? []);
	return values.length === 0 ? undefined : values;
}

function canCompare(values: readonly number[], ours: readonly number[]): boolean {
	return values.length === ours.length && values.length >= 3 && [...values, ...ours].every((value) => value > 0);
}
