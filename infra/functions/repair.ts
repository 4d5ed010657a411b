import { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { RepairVariables } from '../../functions/repair/deployment/environment.ts';
import { repairFunctionMs } from '../../functions/repair/deployment/times.ts';
import type { EncryptionKey } from '../constructs/encryption-key.ts';
import type { RepairQueue } from '../constructs/repair-queue.ts';
import type { SessionBucket } from '../constructs/session-bucket.ts';
import type { SessionTable } from '../constructs/session-table.ts';
import { SettingError } from '../settings/setting-error.ts';
import { BundledFunction } from './bundled-function.ts';

export interface RepairProps {
	readonly queue: RepairQueue;
	readonly sessionTable: SessionTable;
	readonly sessionBucket: SessionBucket;
	readonly logKey: EncryptionKey;
	readonly logRetention: RetentionDays;
	readonly reservedConcurrency?: number | undefined;
}

/** Repositories that come back after an outage should not meet everything that they missed at once. */
const concurrencyMax = 10;

/** @throws where so few executions are set aside that the queue would be throttled. */
export function checkRepairConcurrency(reserved: number | undefined): void {
	if (reserved !== undefined && reserved < concurrencyMax)
		throw new SettingError(
			['reservedConcurrency.repair'],
			`${reserved} is less than the ${concurrencyMax} executions that the queue may ask for: those in between would be ` +
				`throttled; set ${concurrencyMax} or more aside, or none`,
		);
}

/** Gives repositories what they missed. */
export class Repair extends Construct {
	readonly function: BundledFunction;

	constructor(scope: Construct, id: string, props: RepairProps) {
		super(scope, id);
		const { queue, sessionTable, sessionBucket } = props;
		const variables = {
			LEASEHOLD_SESSION_TABLE: sessionTable.tableName,
			LEASEHOLD_SESSION_BUCKET: sessionBucket.bucketName,
			LEASEHOLD_REPAIR_QUEUE_URL: queue.queue.queueUrl,
			LEASEHOLD_REPAIR_DEAD_LETTER_URL: queue.deadLetters.queueUrl,
		} satisfies RepairVariables;
		this.function = new BundledFunction(this, 'Repair', {
			description: 'repair: gives repositories what they missed',
			entry: 'repair/handler.ts',
			timeout: Duration.millis(repairFunctionMs),
			memoryMb: 512,
			variables,
			logKey: props.logKey,
			logRetention: props.logRetention,
			reservedConcurrency: props.reservedConcurrency,
		});
		sessionTable.grantRepair(this.function.role);
		sessionBucket.grantRepair(this.function.role);
		queue.grantRepair(this.function.role);
		const mapping = this.function.function.addEventSourceMapping('Messages', {
			eventSourceArn: queue.queue.queueArn,
			batchSize: 10,
			reportBatchItemFailures: true,
			maxConcurrency: concurrencyMax,
		});
		// Lambda refuses a queue that the role may not read yet.
		mapping.node.addDependency(this.function.role);
	}
}
