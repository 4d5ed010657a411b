import { type Clock, elapsedMs, type Instant } from './clock.ts';

/**
 * What is measured, each in its unit and by its dimensions. Every combination of a metric's dimensions is a metric of its own
 * that costs money, so their values are few and known: never an id, a subject or a path.
 */
export const metricDefinitions = {
	/** Decisions about services. `source` as in the evidence, or `none` where none was needed or to be had. */
	Decisions: { unit: 'Count', dimensions: ['outcome', 'source'] },
	/** How old the knowledge was that a decision was made with. */
	Staleness: { unit: 'Milliseconds', dimensions: [] },
	/** Requests for which a session was adopted from a sealed owner. */
	Failovers: { unit: 'Count', dimensions: [] },
	/** Leases sealed on the way of a request. */
	Seals: { unit: 'Count', dimensions: [] },
	/** Copies in an instance's memory. */
	Copies: { unit: 'Count', dimensions: [] },
	/** Copies that left memory for want of room. */
	Evictions: { unit: 'Count', dimensions: [] },
	/** Requests that were passed on to a service in vain. */
	ServiceFailures: { unit: 'Count', dimensions: ['failure'] },
	/** Messages to the bus, by what it answered. */
	Messages: { unit: 'Count', dimensions: ['operation', 'answer'] },
	/** Time of the bus for a message. */
	MessageTime: { unit: 'Milliseconds', dimensions: ['operation'] },
	/** Time that a load from a repository took. */
	RepositoryTime: { unit: 'Milliseconds', dimensions: ['repository'] },
	/** Loads and merges that a repository did not answer, or not with anything readable; or that it was spared for that. */
	RepositoryFailures: { unit: 'Count', dimensions: ['repository'] },
	/** Reads for which a second repository was asked because the first was slow. */
	HedgedReads: { unit: 'Count', dimensions: [] },
	/** Writes acknowledged with the repair of a repository still to come. */
	DegradedWrites: { unit: 'Count', dimensions: ['operation'] },
	/** Repair tasks, by what became of them. */
	Repairs: { unit: 'Count', dimensions: ['outcome'] },
	/** How long a repair has waited that has to be tried again. */
	RepairAge: { unit: 'Milliseconds', dimensions: [] },
} as const satisfies Readonly<
	Record<string, { readonly unit: 'Count' | 'Milliseconds'; readonly dimensions: readonly string[] }>
>;

export type MetricName = keyof typeof metricDefinitions;
export type DimensionsOf<Name extends MetricName> = Readonly<
	Record<(typeof metricDefinitions)[Name]['dimensions'][number], string>
>;

/** What was gathered of one metric and one combination of dimensions. */
export interface Series {
	readonly name: MetricName;
	readonly unit: 'Count' | 'Milliseconds';
	readonly dimensions: Readonly<Record<string, string>>;
	/** A count as one sum; of times each, or the first ones. */
	readonly values: readonly number[];
}

/** Port: where metrics go. Must not throw. */
export type PublishMetrics = (series: readonly Series[]) => void;

export interface Metrics {
	add<Name extends MetricName>(name: Name, dimensions: DimensionsOf<Name>, value?: number): void;
	/** At the end of an invocation. `sample` adds what is looked at only when something is published. */
	flush(sample?: () => void): void;
}

/**
 * At load, metrics of a second are published together: one line for each request would cost more than the request's
 * decision. What was gathered in the last second of an instance's life is lost with it.
 */
const publishAfterMs = 1_000;

/**
 * Those of one second stand for the rest. A line of the embedded metric format holds a hundred values for each metric; with as
 * many, Powertools publishes without being asked, and forgets the dimensions before the line's other metrics have come.
 */
const samplesMax = 99;

/** More combinations than this within a second would be a mistake in the dimensions. */
const seriesMax = 200;

/** Gathers in memory, and publishes with the first flush and then with those a second or more after the last one. */
export function createMetrics(publish: PublishMetrics, clock: Clock): Metrics {
	const gathered = new Map<string, Series & { readonly values: number[] }>();
	let publishedAt: Instant | undefined;

	function seriesOf(name: MetricName, dimensions: Readonly<Record<string, string>>) {
		let key: string = name;
		for (const dimension of metricDefinitions[name].dimensions) key += ` ${dimensions[dimension]}`;
		const known = gathered.get(key);
		if (known !== undefined || gathered.size >= seriesMax) return known;
		const series = { name, unit: metricDefinitions[name].unit, dimensions, values: [] };
		gathered.set(key, series);
		return series;
	}

	return {
		add: (name, dimensions, value = 1) => {
			// An age across a clock that was set back is infinite; the format has no such number.
			const series = Number.isFinite(value) ? seriesOf(name, dimensions) : undefined;
			if (series === undefined) return;
			const { values, unit } = series;
			if (unit === 'Count' && values.length > 0) values[0] = (values[0] ?? 0) + value;
			else if (values.length < samplesMax) values.push(value);
		},
		flush: (sample) => {
			const now = clock.now();
			if (publishedAt !== undefined && elapsedMs(publishedAt, now) < publishAfterMs) return;
			publishedAt = now;
			sample?.();
			if (gathered.size > 0) publish([...gathered.values()]);
			gathered.clear();
		},
	};
}
