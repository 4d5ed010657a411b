import { systemClock } from './clock.ts';
import { createEmbeddedMetrics } from './embedded-metrics.ts';
import type { Environment } from './environment.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/**
 * The metrics of a Lambda function.
 *
 * `LEASEHOLD_METRICS` is `off` where nothing extracts metrics from the log, as in the local region.
 */
export function createFunctionMetrics(environment: Environment): Metrics {
	if (environment['LEASEHOLD_METRICS'] === 'off') return createMetrics(() => undefined, systemClock);
	const functionName = environment['AWS_LAMBDA_FUNCTION_NAME'] ?? 'unknown';
	return createMetrics(createEmbeddedMetrics(functionName, systemClock), systemClock);
}
