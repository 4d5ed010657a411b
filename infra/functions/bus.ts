import { Duration } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Alias, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { authorizerAlias } from '../../functions/bus/deployment/callers.ts';
import type { BusVariables } from '../../functions/bus/deployment/environment.ts';
import type { FeedVariables } from '../../functions/control-table/feed-layout.ts';
import type { TimingVariables } from '../../functions/control-table/timing.ts';
import { busFunctionMs } from '../../functions/system/time-budget.ts';
import type { ControlTable } from '../constructs/control-table.ts';
import type { RepairQueue } from '../constructs/repair-queue.ts';
import type { SessionBucket } from '../constructs/session-bucket.ts';
import type { SessionTable } from '../constructs/session-table.ts';
import { BundledFunction, type FunctionDefaults } from './bundled-function.ts';

export interface BusProps {
	readonly controlTable: ControlTable;
	readonly sessionTable: SessionTable;
	readonly sessionBucket: SessionBucket;
	readonly repairQueue: RepairQueue;
	readonly timing: TimingVariables;
	readonly feed: FeedVariables;
	readonly defaults: FunctionDefaults;
}

/** The bus. Only it and the repair function know the repositories. */
export class Bus extends BundledFunction {
	private alias: Alias | undefined;

	constructor(scope: Construct, id: string, props: BusProps) {
		const { controlTable, sessionTable, sessionBucket, repairQueue, timing, feed, defaults } = props;
		const variables = {
			...timing,
			...feed,
			LEASEHOLD_CONTROL_TABLE: controlTable.tableName,
			LEASEHOLD_SESSION_TABLE: sessionTable.tableName,
			LEASEHOLD_SESSION_BUCKET: sessionBucket.bucketName,
			LEASEHOLD_REPAIR_QUEUE_URL: repairQueue.queue.queueUrl,
		} satisfies BusVariables;
		super(scope, id, {
			defaults,
			component: 'Bus',
			description: 'bus: stores, finds and hands over sessions',
			entry: 'bus/handler.ts',
			timeout: Duration.millis(busFunctionMs),
			memoryMb: 512,
			variables,
		});
		controlTable.grantBus(this.role);
		sessionTable.grantBus(this.role);
		sessionBucket.grantBus(this.role);
		repairQueue.grantSend(this.role);
	}

	/** For session servers: the function itself, but no version or alias of it. */
	get forSessionServers(): BusEntrance {
		return entranceBy(this.lambda);
	}

	/** For authorizers: an alias, for which the bus does less. */
	get forAuthorizers(): BusEntrance {
		this.alias ??= new Alias(this, 'AuthorizerAlias', {
			aliasName: authorizerAlias,
			version: this.lambda.latestVersion,
			description: 'for authorizers, which may ask for few operations',
		});
		return entranceBy(this.alias);
	}
}

/** A name by which the bus can be invoked, and the right to do so. */
export interface BusEntrance {
	readonly functionArn: string;
	grantInvoke(role: IRole): void;
}

/** CDK's own grant would include every version and alias. */
function entranceBy({ functionArn }: Pick<IFunction, 'functionArn'>): BusEntrance {
	const invoke = new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] });
	return { functionArn, grantInvoke: (role) => role.addToPrincipalPolicy(invoke) };
}
