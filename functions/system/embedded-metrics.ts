import type { Clock } from './clock.ts';
import type { PublishMetrics, Series } from './metrics.ts';

/**
 * Publishes metrics in CloudWatch's embedded metric format: one log line for each combination of
 * dimensions, and no call to a service. Metrics without dimensions share the line of others.
 * (CloudWatch User Guide, "Specification: Embedded metric format".)
 *
 * @param functionName the dimension `service`, which tells functions and deployments apart.
 * @param write takes one line; standard output by default, which Lambda hands to CloudWatch Logs.
 */
export function createEmbeddedMetrics(
	functionName: string,
	clock: Pick<Clock, 'now'>,
	write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): PublishMetrics {
	return (series) => {
		const { wallMs } = clock.now();
		for (const groups of linesOf(series)) write(JSON.stringify(lineOf(functionName, wallMs, groups)));
	};
}

/** Series with the same dimensions. */
type Group = readonly [Series, ...Series[]];

/** The values of the groups' dimensions must not contradict each other. */
function lineOf(service: string, timestampMs: number, groups: readonly Group[]): unknown {
	return {
		_aws: {
			Timestamp: timestampMs,
			CloudWatchMetrics: groups.map((group) => ({
				Namespace: 'Leasehold',
				Dimensions: [['service', ...Object.keys(group[0].dimensions)]],
				Metrics: group.map(({ name, unit }) => ({ Name: name, Unit: unit })),
			})),
		},
		service,
		...Object.assign({}, ...groups.map((group) => group[0].dimensions)),
		...Object.fromEntries(groups.flat().map((series) => [series.name, valuesOf(series)])),
	};
}

function valuesOf({ unit, values }: Series): number | readonly number[] | undefined {
	const all = unit === 'Count' ? values : values.map(rounded);
	return all.length === 1 ? all[0] : all;
}

/** Three digits of a time. Its other digits would be a fifth of the line. */
function rounded(ms: number): number {
	return Number(ms.toPrecision(3));
}

/** The groups of each line. No name of a metric is in two groups of a line. */
function linesOf(series: readonly Series[]): readonly (readonly Group[])[] {
	const groups = new Map<string, [Series, ...Series[]]>();
	for (const one of series) {
		const key = JSON.stringify(one.dimensions);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [one]);
		else group.push(one);
	}
	const plain = groups.get('{}');
	groups.delete('{}');
	const [first, ...others] = groups.values();
	const shared = [first, plain].filter((group) => group !== undefined);
	return [...(shared.length === 0 ? [] : [shared]), ...others.map((group) => [group])];
}
