import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deliveriesMax } from '../../functions/repair/deployment/retries.ts';
import { repairVisibilityMs } from '../../functions/repair/deployment/times.ts';
import type { EncryptionKey } from './encryption-key.ts';

export interface RepairQueueProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
}

/** SQS's own limit: an outage that lasts longer than repairs do would leave a repository behind for good. */
const retention = Duration.days(14);

/** What repositories missed, and what could not be repaired. */
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
			enforceSSL: true,
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

	/** The bus asks for repairs. */
	grantSend(role: IRole): void {
		role.addToPrincipalPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
		this.encryption.grantReadWrite(role, 'sqs');
	}

	/** The repair function takes messages, puts them off, and gives up those that nobody can do. */
	grantRepair(role: IRole): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({
				actions: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
				resources: [this.queue.queueArn],
			}),
		);
		role.addToPrincipalPolicy(
			new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
		);
		this.encryption.grantReadWrite(role, 'sqs');
	}

	/** Operators look at dead letters and move them back (`StartMessageMoveTask`). */
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
			new PolicyStatement({ actions: ['sqs:GetQueueAttributes', 'sqs:SendMessage'], resources: [this.queue.queueArn] }),
		);
		this.encryption.grantReadWrite(role, 'sqs');
	}
}
