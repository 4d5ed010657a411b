import { Aws, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** The services through which a role may use a key, and never by itself. */
export type KeyedService = 'dynamodb' | 's3' | 'sqs' | 'secretsmanager' | 'logs';

export interface EncryptionKeyProps {
	readonly description: string;
	readonly removalPolicy: RemovalPolicy;
}

/** A customer key, rotated each year, that also encrypts logs. */
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
				resources: ['*'], // This key: the policy is its own.
				conditions: {
					ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
				},
			}),
		);
	}

	/** Lets `role` read what `service` keeps under this key. */
	grantRead(role: IRole, service: KeyedService): void {
		this.grant(role, service, service === 'logs' ? ['kms:Decrypt', 'kms:DescribeKey'] : ['kms:Decrypt']);
	}

	/** Lets `role` read and write what `service` keeps under this key. */
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
 * What DynamoDB asks of whoever uses a table under a customer key, and CloudWatch Logs both for itself and of whoever writes
 * a log: their guides' lists without wildcards.
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
