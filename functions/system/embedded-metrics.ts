import type { Clock } from './clock.ts';
import type { PublishMetrics, Series } from './metrics.ts';

/**
 * Publishes metrics in CloudWatch's embedded metric format: one log line for each combination of
 * dimensions, and no call to a service. (CloudWatch User Guide, "Specification: Embedded metric
 * format".)
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
		for (const group of groupsOf(series)) write(JSON.stringify(lineOf(functionName, wallMs, group)));
	};
}

function lineOf(service: string, timestampMs: number, group: readonly [Series, ...Series[]]): unknown {
	const dimensions = { service, ...group[0].dimensions };
	const values = group.map(({ name, unit, values: given }) => {
		const all = unit === 'Count' ? given : given.map(rounded);
		return [name, all.length === 1 ? all[0] : all];
	});
	return {
		_aws: {
			Timestamp: timestampMs,
			CloudWatchMetrics: [
				{
					Namespace: 'Leasehold',
					Dimensions: [Object.keys(dimensions)],
					Metrics: group.map(({ name, unit }) => ({ Name: name, Unit: unit })),
				},
			],
		},
		...dimensions,
		...Object.fromEntries(values),
	};
}

/** Three digits of a time. Its other digits would be a fifth of the line. */
function rounded(ms: number): number {
	return Number(ms.toPrecision(3));
}

/** All metrics of a line share its dimensions. */
function groupsOf(series: readonly Series[]): Iterable<[Series, ...Series[]]> {
	const groups = new Map<string, [Series, ...Series[]]>();
	for (const one of series) {
		const key = JSON.stringify(one.dimensions);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [one]);
		else group.push(one);
	}
	return groups.values();
}
