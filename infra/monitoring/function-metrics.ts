import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type DimensionsOf, type MetricName, metricDefinitions } from '../../functions/system/metrics.ts';
import type { BundledFunction } from '../functions/bundled-function.ts';

/** Messages to the bus that write, each of which may be acknowledged as degraded. */
export const writes = ['create', 'recover', 'update', 'touch', 'revoke', 'revokeSubject'] as const;

export interface MetricOptions {
	readonly period: Duration;
	/** Counts are summed and times are the 99th percentile unless told otherwise. */
	readonly statistic?: string;
	/** For graphs. An alarm on a metric with a label is one on an expression, which costs more and which emulators refuse. */
	readonly label?: string;
}

/** One of the metrics that a function publishes itself, as `functions/system/metrics.ts` defines them. */
export function functionMetric<Name extends MetricName>(
	publisher: BundledFunction,
	name: Name,
	dimensions: DimensionsOf<Name>,
	{ period, statistic, label }: MetricOptions,
): Metric {
	return new Metric({
		namespace: 'Leasehold',
		metricName: name,
		dimensionsMap: { service: publisher.lambda.functionName, ...dimensions },
		statistic: statistic ?? (metricDefinitions[name].unit === 'Count' ? 'Sum' : 'p99'),
		period,
		...(label === undefined ? {} : { label }),
	});
}

/** The sum of metrics, of which those without a value in a period count as nothing. */
export function sumOf(metrics: readonly Metric[], { period, label = '' }: MetricOptions): IMetric {
	const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
	const expression = Object.keys(usingMetrics)
		.map((id) => `FILL(${id}, 0)`)
		.join(' + ');
	return new MathExpression({ expression, usingMetrics, period, label });
}
