import { RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key.ts';

export interface LogSettings {
	/** Encrypts the log. */
	readonly key: EncryptionKey;
	readonly retention: RetentionDays;
	/** @default - CloudFormation chooses a name */
	readonly name?: string;
}

/**
 * A log under a customer key. It is deleted with the stack even if the data is kept: its lines say
 * who was let in, and nobody needs that after the stack.
 */
export class EncryptedLog extends LogGroup {
	private readonly key: EncryptionKey;

	constructor(scope: Construct, id: string, { key, retention, name }: LogSettings) {
		super(scope, id, {
			encryptionKey: key.key,
			retention,
			removalPolicy: RemovalPolicy.DESTROY,
			...(name === undefined ? {} : { logGroupName: name }),
		});
		this.key = key;
	}

	/**
	 * Lets `role` write the log. The role also needs the key: CloudWatch Logs encrypts in the name
	 * of the writer (its guide, "Encrypt log data … using AWS KMS").
	 */
	grantAppend(role: IRole): void {
		this.allow(role, ['logs:CreateLogStream', 'logs:PutLogEvents']);
		this.key.grantReadWrite(role, 'logs');
	}

	/**
	 * Lets `role` search the log. The role also needs the key: CloudWatch Logs decrypts in the name
	 * of the reader. The results of a query are read by the query's id, which `grantReadMetrics`
	 * allows.
	 */
	grantSearch(role: IRole): void {
		this.allow(role, ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartQuery']);
		this.key.grantRead(role, 'logs');
	}

	private allow(role: IRole, actions: string[]): void {
		role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [this.logGroupArn] }));
	}
}
