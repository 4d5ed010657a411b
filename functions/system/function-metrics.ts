import { systemClock } from './clock.ts';
import { createEmbeddedMetrics } from './embedded-metrics.ts';
import type { Environment } from './environment.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/** The metrics of a Lambda function. */
export function createFunctionMetrics(environment: Environment): Metrics {
	return createMetrics(
		createEmbeddedMetrics(environment['AWS_LAMBDA_FUNCTION_NAME'] ?? 'unknown', systemClock),
		systemClock,
	);
}
