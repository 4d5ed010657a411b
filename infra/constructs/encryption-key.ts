import { Aws, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** A role may use a key only through one of these services, never directly. */
export type KeyedService = 'dynamodb' | 's3' | 'sqs' | 'secretsmanager' | 'logs';

export interface EncryptionKeyProps {
	readonly description: string;
	readonly removalPolicy: RemovalPolicy;
}

/** A customer key that is rotated every year. It also encrypts logs. */
export class EncryptionKey extends Construct {
	readonly key: Key;

	constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
		super(scope, id);
		this.key = new Key(this, 'Key', { ...props, enableKeyRotation: true });
		const { region, account, partition } = Stack.of(this);
		this.key.addToResourcePolicy(
			new PolicyStatement({
				sid: 'LogsOfThisAccount',
				principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
				actions: useOfKey,
				resources: ['*'], // In a key's policy, this is the key itself.
				conditions: {
					ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
				},
			}),
		);
	}

	/** Lets `role` read data that `service` encrypts with this key. */
	grantRead(role: IRole, service: KeyedService): void {
		this.grant(role, service, service === 'logs' ? ['kms:Decrypt', 'kms:DescribeKey'] : ['kms:Decrypt']);
	}

	/** Lets `role` read and write data that `service` encrypts with this key. */
	grantReadWrite(role: IRole, service: KeyedService): void {
		const every = service === 'dynamodb' || service === 'logs';
		this.grant(role, service, every ? useOfKey : ['kms:Decrypt', 'kms:GenerateDataKey']);
	}

	private grant(role: IRole, service: KeyedService, actions: readonly string[]): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({
				actions: [...actions],
				resources: [this.key.keyArn],
				conditions: { StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` } },
			}),
		);
	}
}

/**
 * The rights that DynamoDB requires of a role that uses an encrypted table, and that CloudWatch
 * Logs requires for itself and for a role that writes a log. These are the lists of their guides,
 * without wildcards.
 */
const useOfKey = [
	'kms:Decrypt',
	'kms:DescribeKey',
	'kms:Encrypt',
	'kms:GenerateDataKey',
	'kms:GenerateDataKeyWithoutPlaintext',
	'kms:ReEncryptFrom',
	'kms:ReEncryptTo',
];
