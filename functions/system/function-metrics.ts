import { systemClock } from './clock.ts';
import type { Environment } from './environment.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createPowertoolsPublish } from './powertools-metrics.ts';

/** The metrics of a Lambda function. */
export function createFunctionMetrics(environment: Environment): Metrics {
	return createMetrics(createPowertoolsPublish(environment['AWS_LAMBDA_FUNCTION_NAME'] ?? 'unknown'), systemClock);
}
