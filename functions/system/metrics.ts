import { type Clock, elapsedMs, type Instant } from './clock.ts';

/**
 * All metrics, with units and dimensions. CloudWatch charges for every combination of a metric's
 * dimensions as for a metric. So their values must be few and known: never an id, a subject or a
 * path.
 */
export const metricDefinitions = {
	/**
	 * Decisions about services. `source` is that of the evidence, or `none` if there is no
	 * evidence.
	 */
	Decisions: { unit: 'Count', dimensions: ['outcome', 'source'] },
	/** Requests that were refused, by the code of the problem. */
	Refusals: { unit: 'Count', dimensions: ['code'] },
	/** How old the knowledge was on which a decision was based. */
	Staleness: { unit: 'Milliseconds', dimensions: [] },
	/**
	 * Requests for a session whose owner was sealed. `Takeovers` if this instance itself may have
	 * slept.
	 */
	Failovers: { unit: 'Count', dimensions: [] },
	Takeovers: { unit: 'Count', dimensions: [] },
	/** Leases that were sealed while a request was answered. */
	Seals: { unit: 'Count', dimensions: [] },
	/** Copies in an instance's memory. */
	Copies: { unit: 'Count', dimensions: [] },
	/** Copies that were evicted from memory to make room. */
	Evictions: { unit: 'Count', dimensions: [] },
	/** Requests that were forwarded to a service without getting its answer. */
	ServiceFailures: { unit: 'Count', dimensions: ['failure'] },
	/** Messages to the bus, by the kind of its answer. */
	Messages: { unit: 'Count', dimensions: ['operation', 'answer'] },
	/** How long the bus took for a message. */
	MessageTime: { unit: 'Milliseconds', dimensions: ['operation'] },
	/** How long a load from a repository took. */
	RepositoryTime: { unit: 'Milliseconds', dimensions: ['repository'] },
	/** Calls to AWS and to issuers that failed after their last try. */
	FailedCalls: { unit: 'Count', dimensions: ['callee', 'failure'] },
	/**
	 * Loads and merges that a repository did not answer, or whose record could not be read. Also
	 * those that an open circuit spared the repository.
	 */
	RepositoryFailures: { unit: 'Count', dimensions: ['repository'] },
	/** Records that a session server found forged, by message that named them. */
	ForgedRecords: { unit: 'Count', dimensions: ['repository'] },
	/** Reads for which a second repository was asked because the first one was slow. */
	HedgedReads: { unit: 'Count', dimensions: [] },
	/** Writes that were acknowledged although a repository still had to be repaired. */
	DegradedWrites: { unit: 'Count', dimensions: ['operation'] },
	/** Repair tasks, by their outcome. */
	Repairs: { unit: 'Count', dimensions: ['outcome'] },
	/** How long a repair that must be tried again has been waiting. */
	RepairAge: { unit: 'Milliseconds', dimensions: [] },
} as const satisfies Readonly<
	Record<string, { readonly unit: 'Count' | 'Milliseconds'; readonly dimensions: readonly string[] }>
>;

export type MetricName = keyof typeof metricDefinitions;
export type DimensionsOf<Name extends MetricName> = Readonly<
	Record<(typeof metricDefinitions)[Name]['dimensions'][number], string>
>;

/** The gathered values of one metric with one combination of dimensions. */
export interface Series {
	readonly name: MetricName;
	readonly unit: 'Count' | 'Milliseconds';
	readonly dimensions: Readonly<Record<string, string>>;
	/** A count is one sum. Times are kept one by one, up to a limit. */
	readonly values: readonly number[];
}

/** Port: publishes metrics. Must not throw. */
export type PublishMetrics = (series: readonly Series[]) => void;

export interface Metrics {
	add<Name extends MetricName>(name: Name, dimensions: DimensionsOf<Name>, value?: number): void;
	/**
	 * Call it at the end of an invocation.
	 *
	 * @param sample adds metrics that are measured only when something is published.
	 */
	flush(sample?: () => void): void;
}

/**
 * The metrics of a second are published together. A line for each request would cost more than the
 * decision. When an instance ends, the metrics of its last second are lost.
 */
const publishAfterMs = 1_000;

/**
 * Counts of allowed decisions from memory may wait longer. CloudWatch adds them up by the minute
 * anyway, and nobody is called for them.
 */
export const publishRoutineAfterMs = 20_000;

function isRoutine(name: MetricName, dimensions: Readonly<Record<string, string>>): boolean {
	if (name === 'Decisions') return dimensions['outcome'] === 'allowed' && dimensions['source'] === 'memory';
	return name === 'Staleness';
}

/**
 * How many times of one series are kept within a second: as many as the embedded metric format
 * takes. They are a sample of the rest.
 */
const samplesMax = 100;

/** More combinations of dimensions than this within a second are a mistake in the dimensions. */
const seriesMax = 200;

/**
 * Gathers metrics in memory. A flush publishes them if the last one that did was at least a second
 * ago, or twenty seconds if there is nothing but decisions from memory.
 */
export function createMetrics(publish: PublishMetrics, clock: Clock): Metrics {
	const gathered = new Map<string, Series & { readonly values: number[] }>();
	let publishedAt: Instant | undefined;
	let routine = true;

	function seriesOf(name: MetricName, dimensions: Readonly<Record<string, string>>) {
		let key: string = name;
		for (const dimension of metricDefinitions[name].dimensions) key += ` ${dimensions[dimension]}`;
		const known = gathered.get(key);
		if (known !== undefined || gathered.size >= seriesMax) return known;
		const series = { name, unit: metricDefinitions[name].unit, dimensions, values: [] };
		gathered.set(key, series);
		routine &&= isRoutine(name, dimensions);
		return series;
	}

	return {
		add: (name, dimensions, value = 1) => {
			// An age is infinite if the clock was set back. The format has no such number.
			const series = Number.isFinite(value) ? seriesOf(name, dimensions) : undefined;
			if (series === undefined) return;
			const { values, unit } = series;
			if (unit === 'Count' && values.length > 0) values[0] = (values[0] ?? 0) + value;
			else if (values.length < samplesMax) values.push(value);
		},
		flush: (sample) => {
			const now = clock.now();
			if (publishedAt !== undefined && elapsedMs(publishedAt, now) < (routine ? publishRoutineAfterMs : publishAfterMs))
				return;
			publishedAt = now;
			sample?.();
			if (gathered.size > 0) publish([...gathered.values()]);
			gathered.clear();
			routine = true;
		},
	};
}
