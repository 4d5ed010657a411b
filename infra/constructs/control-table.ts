import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { controlTableSchema } from '../../functions/control-table/schema.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { addNagException } from './nag-exception.ts';

export interface ControlTableProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
}

/** Leases and the feed, and who may touch which of them: the leading key of an item says which one it is. */
export class ControlTable extends Construct {
	readonly table: Table;
	private readonly encryption: EncryptionKey;

	constructor(scope: Construct, id: string, { encryption, removalPolicy }: ControlTableProps) {
		super(scope, id);
		this.encryption = encryption;
		const { partitionKey, sortKey, timeToLiveAttribute } = controlTableSchema;
		this.table = new Table(this, 'Table', {
			partitionKey: { name: partitionKey, type: AttributeType.STRING },
			sortKey: { name: sortKey, type: AttributeType.STRING },
			timeToLiveAttribute,
			billingMode: BillingMode.PAY_PER_REQUEST,
			encryption: TableEncryption.CUSTOMER_MANAGED,
			encryptionKey: encryption.key,
			removalPolicy,
			deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
		});
		addNagException(
			this.table,
			'AwsSolutions-DDB3',
			'Leases and feed entries mean nothing a minute later. Restored ones would name instances that are gone.',
		);
	}

	get tableName(): string {
		return this.table.tableName;
	}

	/** A session server acquires and renews its own lease, reads and seals any, and reads the feed. */
	grantSessionServer(role: IRole): void {
		this.grant(role, 'lease#*', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']);
		this.grant(role, 'feed#*', ['dynamodb:Query']);
		this.encryption.grantReadWrite(role, 'dynamodb');
	}

	/** The bus reads and seals leases, and appends to the feed. */
	grantBus(role: IRole): void {
		this.grant(role, 'lease#*', ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
		this.grant(role, 'feed#*', ['dynamodb:PutItem']);
		this.encryption.grantReadWrite(role, 'dynamodb');
	}

	private grant(role: IRole, leadingKeys: string, actions: string[]): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({
				actions,
				resources: [this.table.tableArn],
				conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [leadingKeys] } },
			}),
		);
	}
}
