import { type Environment, required } from '../../system/environment.ts';

/** The environment variables of the repair function. The compiler holds the stack to this type. */
export type RepairVariables = {
	/** Name of the control table. */
	LEASEHOLD_CONTROL_TABLE: string;
	/** Name of the DynamoDB repository's table. */
	LEASEHOLD_SESSION_TABLE: string;
	/** Name of the S3 repository's bucket. */
	LEASEHOLD_SESSION_BUCKET: string;
	/** URL of the repair queue. */
	LEASEHOLD_REPAIR_QUEUE_URL: string;
	/** URL of its dead-letter queue. */
	LEASEHOLD_REPAIR_DEAD_LETTER_URL: string;
};

export interface RepairEnvironment {
	readonly controlTable: string;
	readonly sessionTable: string;
	readonly sessionBucket: string;
	readonly repairQueueUrl: string;
	readonly deadLetterUrl: string;
}

/** @throws when a variable is missing. The message names it. */
export function parseRepairEnvironment(environment: Environment): RepairEnvironment {
	return {
		controlTable: required(environment, 'LEASEHOLD_CONTROL_TABLE'),
		sessionTable: required(environment, 'LEASEHOLD_SESSION_TABLE'),
		sessionBucket: required(environment, 'LEASEHOLD_SESSION_BUCKET'),
		repairQueueUrl: required(environment, 'LEASEHOLD_REPAIR_QUEUE_URL'),
		deadLetterUrl: required(environment, 'LEASEHOLD_REPAIR_DEAD_LETTER_URL'),
	};
}
