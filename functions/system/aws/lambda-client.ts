import { LambdaClient } from '@aws-sdk/client-lambda';
import { busTryMs } from '../time-budget.ts';
import { callLimits } from './call-limits.ts';

/** Two tries of 3.5 seconds fit into the time that a request may wait for the bus. */
export function createLambdaClient(): LambdaClient {
	return new LambdaClient(callLimits(busTryMs));
}
