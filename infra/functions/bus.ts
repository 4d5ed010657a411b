import { Duration } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { BusVariables } from '../../functions/bus/deployment/environment.ts';
import { busFunctionMs } from '../../functions/bus/deployment/times.ts';
import type { TimingVariables } from '../../functions/control-table/timing.ts';
import type { ControlTable } from '../constructs/control-table.ts';
import type { EncryptionKey } from '../constructs/encryption-key.ts';
import type { RepairQueue } from '../constructs/repair-queue.ts';
import type { SessionBucket } from '../constructs/session-bucket.ts';
import type { SessionTable } from '../constructs/session-table.ts';
import { BundledFunction } from './bundled-function.ts';

export interface BusProps {
	readonly controlTable: ControlTable;
	readonly sessionTable: SessionTable;
	readonly sessionBucket: SessionBucket;
	readonly repairQueue: RepairQueue;
	readonly timing: TimingVariables;
	readonly logKey: EncryptionKey;
	readonly logRetention: RetentionDays;
	readonly reservedConcurrency?: number | undefined;
}

/** The bus: it alone knows the repositories. */
export class Bus extends Construct {
	readonly function: BundledFunction;

	constructor(scope: Construct, id: string, props: BusProps) {
		super(scope, id);
		const { controlTable, sessionTable, sessionBucket, repairQueue } = props;
		const variables = {
			...props.timing,
			LEASEHOLD_CONTROL_TABLE: controlTable.tableName,
			LEASEHOLD_SESSION_TABLE: sessionTable.tableName,
			LEASEHOLD_SESSION_BUCKET: sessionBucket.bucketName,
			LEASEHOLD_REPAIR_QUEUE_URL: repairQueue.queue.queueUrl,
		} satisfies BusVariables;
		this.function = new BundledFunction(this, 'Bus', {
			description: 'bus: stores, finds and hands over sessions',
			entry: 'bus/handler.ts',
			timeout: Duration.millis(busFunctionMs),
			memoryMb: 512,
			variables,
			logKey: props.logKey,
			logRetention: props.logRetention,
			reservedConcurrency: props.reservedConcurrency,
		});
		controlTable.grantBus(this.function.role);
		sessionTable.grantBus(this.function.role);
		sessionBucket.grantBus(this.function.role);
		repairQueue.grantSend(this.function.role);
	}

	get functionArn(): string {
		return this.function.function.functionArn;
	}

	/** Lets `role` ask the bus, and no version or alias of it. */
	grantInvoke(role: IRole): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.functionArn] }),
		);
	}
}
