import { type FeedLayout, type FeedVariables, parseFeedLayout } from '../../control-table/feed-layout.ts';
import { parseTiming, type Timing, type TimingVariables } from '../../control-table/timing.ts';
import { type Environment, required } from '../../system/environment.ts';

/** The environment variables of the bus's function. The compiler holds its construct to them. */
export type BusVariables = TimingVariables &
	FeedVariables & {
		/** The name of the control table. */
		LEASEHOLD_CONTROL_TABLE: string;
		/** The name of the DynamoDB repository's table. */
		LEASEHOLD_SESSION_TABLE: string;
		/** The name of the S3 repository's bucket. */
		LEASEHOLD_SESSION_BUCKET: string;
		/** The URL of the repair queue. */
		LEASEHOLD_REPAIR_QUEUE_URL: string;
	};

export interface BusEnvironment {
	readonly controlTable: string;
	readonly sessionTable: string;
	readonly sessionBucket: string;
	readonly repairQueueUrl: string;
	readonly timing: Timing;
	readonly feedLayout: FeedLayout;
}

/** @throws when a variable is missing or wrong. The message names it. */
export function parseBusEnvironment(environment: Environment): BusEnvironment {
	return {
		controlTable: required(environment, 'LEASEHOLD_CONTROL_TABLE'),
		sessionTable: required(environment, 'LEASEHOLD_SESSION_TABLE'),
		sessionBucket: required(environment, 'LEASEHOLD_SESSION_BUCKET'),
		repairQueueUrl: required(environment, 'LEASEHOLD_REPAIR_QUEUE_URL'),
		timing: parseTiming(environment),
		feedLayout: parseFeedLayout(environment),
	};
}
