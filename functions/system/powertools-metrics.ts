import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { PublishMetrics, Series } from './metrics.ts';

const units = { Count: MetricUnit.Count, Milliseconds: MetricUnit.Milliseconds } as const;

/**
 * Publishes metrics in CloudWatch's embedded metric format: a log line for each combination of
 * dimensions. That takes no call to a service.
 *
 * @param functionName the dimension `service`, which tells functions and deployments apart.
 */
export function createPowertoolsPublish(functionName: string): PublishMetrics {
	const metrics = new Metrics({ namespace: 'Leasehold', serviceName: functionName });
	return (series) => {
		for (const [first, ...others] of groupsOf(series)) {
			metrics.addDimensions({ ...first.dimensions });
			for (const { name, unit, values } of [first, ...others])
				for (const value of values) metrics.addMetric(name, units[unit], value);
			metrics.publishStoredMetrics();
		}
	};
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
