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

/**
 * The table of leases, the feed, the keys of carried copies, markers and copies of tallies. Rights
 * tell them apart by the leading key of an item.
 */
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
			'Leases, feed entries and keys are obsolete within hours, and markers once their repairs are done. Old ones would be wrong. If the table is lost, buses notice and repair every session.',
		);
	}

	get tableName(): string {
		return this.table.tableName;
	}

	/**
	 * Lets a session server acquire and renew its own lease, read and seal any lease, read the feed,
	 * and find keys. It cannot publish one.
	 */
	grantSessionServer(role: IRole): void {
		this.grant(role, ['lease#*', 'copykey#*'], ['dynamodb:GetItem']);
		this.grant(role, ['lease#*'], ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']);
		this.grant(role, ['feed#*'], ['dynamodb:Query']);
		this.encryption.grantReadWrite(role, 'dynamodb');
	}

	/**
	 * Lets the bus read and seal leases, append to the feed, read and change its layout, publish
	 * keys, look at markers and open them, and count.
	 */
	grantBus(role: IRole): void {
		this.grant(role, ['lease#*', 'tally#*'], ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
		this.grant(role, ['feed#*', 'copykey#*'], ['dynamodb:PutItem']);
		this.grant(role, ['feed#*', 'missed#*'], ['dynamodb:Query', 'dynamodb:UpdateItem']);
		this.encryption.grantReadWrite(role, 'dynamodb');
	}

	/** Lets repair look at markers, open and settle them. */
	grantRepair(role: IRole): void {
		this.grant(role, ['missed#*'], ['dynamodb:Query', 'dynamodb:UpdateItem']);
		this.encryption.grantReadWrite(role, 'dynamodb');
	}

	private grant(role: IRole, leadingKeys: string[], actions: string[]): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({
				actions,
				resources: [this.table.tableArn],
				conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': leadingKeys } },
			}),
		);
	}
}
