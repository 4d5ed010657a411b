import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { RepairVariables } from '../../functions/repair/deployment/environment.ts';
import { repairFunctionMs } from '../../functions/system/time-budget.ts';
import type { ControlTable } from '../constructs/control-table.ts';
import type { RepairQueue } from '../constructs/repair-queue.ts';
import type { SessionBucket } from '../constructs/session-bucket.ts';
import type { SessionTable } from '../constructs/session-table.ts';
import { SettingError } from '../settings/setting-error.ts';
import { BundledFunction, type FunctionDefaults } from './bundled-function.ts';

export interface RepairProps {
	readonly queue: RepairQueue;
	readonly controlTable: ControlTable;
	readonly sessionTable: SessionTable;
	readonly sessionBucket: SessionBucket;
	readonly defaults: FunctionDefaults;
}

/**
 * Limits the load on a repository that is available again after an outage and has many repairs
 * waiting.
 */
const concurrencyMax = 10;

/**
 * @throws SettingError if fewer executions are reserved than the queue may use: Lambda would
 * throttle the others.
 */
export function checkRepairConcurrency(reserved: number | undefined): void {
	if (reserved !== undefined && reserved < concurrencyMax)
		throw new SettingError(
			['reservedConcurrency.repair'],
			`${reserved} is less than the ${concurrencyMax} executions that the queue may start, so Lambda would throttle the ` +
				`others: reserve ${concurrencyMax} or more, or none`,
		);
}

/** The repair function: it writes what repositories missed. */
export class Repair extends BundledFunction {
	constructor(scope: Construct, id: string, props: RepairProps) {
		const { queue, controlTable, sessionTable, sessionBucket, defaults } = props;
		const variables = {
			LEASEHOLD_CONTROL_TABLE: controlTable.tableName,
			LEASEHOLD_SESSION_TABLE: sessionTable.tableName,
			LEASEHOLD_SESSION_BUCKET: sessionBucket.bucketName,
			LEASEHOLD_REPAIR_QUEUE_URL: queue.queue.queueUrl,
			LEASEHOLD_REPAIR_DEAD_LETTER_URL: queue.deadLetters.queueUrl,
		} satisfies RepairVariables;
		super(scope, id, {
			defaults,
			component: 'Repair',
			description: 'repair: writes what repositories missed',
			entry: 'repair/handler.ts',
			timeout: Duration.millis(repairFunctionMs),
			memoryMb: 512,
			variables,
		});
		controlTable.grantRepair(this.role);
		sessionTable.grantRepair(this.role);
		sessionBucket.grantRepair(this.role);
		queue.grantRepair(this.role);
		const mapping = this.lambda.addEventSourceMapping('Messages', {
			eventSourceArn: queue.queue.queueArn,
			batchSize: 10,
			reportBatchItemFailures: true,
			maxConcurrency: concurrencyMax,
		});
		// Lambda rejects a queue that the role cannot read yet.
		mapping.node.addDependency(this.role);
	}
}
