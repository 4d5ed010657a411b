import type { RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key.ts';

export interface TokenKeysProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
}

/** Letters and digits are base64: 64 of them are a secret of 48 bytes. `excludePunctuation` says the same, but not to every emulator. */
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** The keys that tokens are signed with. Nobody has ever seen the first one: Secrets Manager makes it. */
export class TokenKeys extends Construct {
	readonly secret: Secret;
	private readonly encryption: EncryptionKey;

	constructor(scope: Construct, id: string, { encryption, removalPolicy }: TokenKeysProps) {
		super(scope, id);
		this.encryption = encryption;
		this.secret = new Secret(this, 'Secret', {
			description: 'Leasehold: the keys that session tokens are signed with',
			encryptionKey: encryption.key,
			removalPolicy,
			generateSecretString: {
				secretStringTemplate: JSON.stringify({ id: 'k001' }),
				generateStringKey: 'secret',
				excludeCharacters: punctuation,
				passwordLength: 64,
			},
		});
	}

	get secretArn(): string {
		return this.secret.secretArn;
	}

	/** Lets `role` read the keys. */
	grantRead(role: IRole): void {
		this.grant(role, ['secretsmanager:GetSecretValue']);
		this.encryption.grantRead(role, 'secretsmanager');
	}

	/** Lets `role` replace the keys, as the steps of a rotation do. */
	grantRotate(role: IRole): void {
		this.grant(role, [
			'secretsmanager:DescribeSecret',
			'secretsmanager:GetSecretValue',
			'secretsmanager:PutSecretValue',
			'secretsmanager:UpdateSecretVersionStage',
		]);
		this.encryption.grantReadWrite(role, 'secretsmanager');
	}

	/** Lets operators replace the keys before their time. */
	grantStartRotation(role: IRole): void {
		this.grant(role, ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret']);
	}

	private grant(role: IRole, actions: string[]): void {
		role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [this.secretArn] }));
	}
}
