import { parseTiming, type Timing, type TimingVariables } from '../../control-table/timing.ts';
import { type Environment, required } from '../../system/environment.ts';

/** What the bus's function is given. Whatever provisions the function is held to this by the compiler. */
export type BusVariables = TimingVariables & {
	/** Name of the control table. */
	LEASEHOLD_CONTROL_TABLE: string;
	/** Name of the DynamoDB repository's table. */
	LEASEHOLD_SESSION_TABLE: string;
	/** Name of the S3 repository's bucket. */
	LEASEHOLD_SESSION_BUCKET: string;
	/** URL of the queue of repairs. */
	LEASEHOLD_REPAIR_QUEUE_URL: string;
};

export interface BusEnvironment {
	readonly controlTable: string;
	readonly sessionTable: string;
	readonly sessionBucket: string;
	readonly repairQueueUrl: string;
	readonly timing: Timing;
}

/** @throws naming the variable that is missing or wrong. */
export function parseBusEnvironment(environment: Environment): BusEnvironment {
	return {
		controlTable: required(environment, 'LEASEHOLD_CONTROL_TABLE'),
		sessionTable: required(environment, 'LEASEHOLD_SESSION_TABLE'),
		sessionBucket: required(environment, 'LEASEHOLD_SESSION_BUCKET'),
		repairQueueUrl: required(environment, 'LEASEHOLD_REPAIR_QUEUE_URL'),
		timing: parseTiming(environment),
	};
}
