import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { sessionTableSchema } from '../../functions/repositories/dynamodb/schema.ts';
import type { EncryptionKey } from './encryption-key.ts';

export interface SessionTableProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
}

/** The DynamoDB repository's table: sessions, subjects' entries and its tally. */
export class SessionTable extends Construct {
	readonly table: Table;
	private readonly encryption: EncryptionKey;

	constructor(scope: Construct, id: string, { encryption, removalPolicy }: SessionTableProps) {
		super(scope, id);
		this.encryption = encryption;
		const { partitionKey, sortKey, timeToLiveAttribute } = sessionTableSchema;
		this.table = new Table(this, 'Table', {
			partitionKey: { name: partitionKey, type: AttributeType.STRING },
			sortKey: { name: sortKey, type: AttributeType.STRING },
			timeToLiveAttribute,
			billingMode: BillingMode.PAY_PER_REQUEST,
			encryption: TableEncryption.CUSTOMER_MANAGED,
			encryptionKey: encryption.key,
			pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
			removalPolicy,
			deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
		});
	}

	get tableName(): string {
		return this.table.tableName;
	}

	/** Lets the bus read and merge single items. It deletes and lists nothing. */
	grantBus(role: IRole): void {
		this.grant(role, ['dynamodb:GetItem', 'dynamodb:PutItem']);
	}

	/** Lets repair also list sessions, and delete records that cannot be read. */
	grantRepair(role: IRole): void {
		this.grant(role, ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan']);
	}

	private grant(role: IRole, actions: string[]): void {
		role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [this.table.tableArn] }));
		this.encryption.grantReadWrite(role, 'dynamodb');
	}
}
