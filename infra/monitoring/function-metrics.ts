import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { writes as isWrite, type OperationName, operations } from '../../functions/protocol/operations.ts';
import { type DimensionsOf, type MetricName, metricDefinitions } from '../../functions/system/metrics.ts';
import type { BundledFunction } from '../functions/bundled-function.ts';

/** The messages to the bus that write records. Each of them may be acknowledged as degraded. */
export const writes = Object.keys(operations).filter((name) => isWrite(name as OperationName));

export interface MetricOptions {
	readonly period: Duration;
	/**
	 * CloudWatch's name of the statistic.
	 * @default - 'Sum' for counts, 'p99' for times
	 */
	readonly statistic?: string;
	/**
	 * Name in graphs. Do not use it in alarms: CDK turns such a metric into an expression, which
	 * emulators reject.
	 */
	readonly label?: string;
}

/** A metric that a function publishes itself, as defined in `functions/system/metrics.ts`. */
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

/** The sum of metrics. A metric without a value in a period counts as 0. */
export function sumOf(metrics: readonly Metric[], { period, label = '' }: MetricOptions): IMetric {
	const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
	const expression = Object.keys(usingMetrics)
		.map((id) => `FILL(${id}, 0)`)
		.join(' + ');
	return new MathExpression({ expression, usingMetrics, period, label });
}
