import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deliveriesMax } from '../../functions/repair/deployment/retries.ts';
import { repairVisibilityMs } from '../../functions/system/time-budget.ts';
import { servesTls } from '../emulator/context.ts';
import type { EncryptionKey } from './encryption-key.ts';

export interface RepairQueueProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
}

/**
 * The longest that SQS allows. If an outage lasts longer, the repository lacks changes for good.
 */
const retention = Duration.days(14);

/** The queue of waiting repairs, and the dead-letter queue of repairs that were given up. */
export class RepairQueue extends Construct {
	readonly queue: Queue;
	readonly deadLetters: Queue;
	private readonly encryption: EncryptionKey;

	constructor(scope: Construct, id: string, { encryption, removalPolicy }: RepairQueueProps) {
		super(scope, id);
		this.encryption = encryption;
		const shared = {
			encryption: QueueEncryption.KMS,
			encryptionMasterKey: encryption.key,
			enforceSSL: servesTls(this),
			retentionPeriod: retention,
			removalPolicy,
		};
		this.deadLetters = new Queue(this, 'DeadLetters', shared);
		this.queue = new Queue(this, 'Queue', {
			...shared,
			visibilityTimeout: Duration.millis(repairVisibilityMs),
			deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: deliveriesMax },
		});
	}

	/** Lets the bus queue repairs. */
	grantSend(role: IRole): void {
		role.addToPrincipalPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
		this.encryption.grantReadWrite(role, 'sqs');
	}

	/**
	 * Lets the repair function receive, postpone and delete messages, send the next page of a sweep,
	 * and send messages that it gives up to the dead-letter queue.
	 */
	grantRepair(role: IRole): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({
				actions: [
					'sqs:ChangeMessageVisibility',
					'sqs:DeleteMessage',
					'sqs:GetQueueAttributes',
					'sqs:ReceiveMessage',
					'sqs:SendMessage',
				],
				resources: [this.queue.queueArn],
			}),
		);
		role.addToPrincipalPolicy(
			new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
		);
		this.encryption.grantReadWrite(role, 'sqs');
	}

	/**
	 * Lets operators read dead letters, move them back (`StartMessageMoveTask`), and queue a sweep.
	 */
	grantRedrive(role: IRole): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({
				actions: [
					'sqs:CancelMessageMoveTask',
					'sqs:DeleteMessage',
					'sqs:GetQueueAttributes',
					'sqs:ListMessageMoveTasks',
					'sqs:ReceiveMessage',
					'sqs:StartMessageMoveTask',
				],
				resources: [this.deadLetters.queueArn],
			}),
		);
		role.addToPrincipalPolicy(
			new PolicyStatement({
				actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
				resources: [this.queue.queueArn],
			}),
		);
		this.encryption.grantReadWrite(role, 'sqs');
	}
}
