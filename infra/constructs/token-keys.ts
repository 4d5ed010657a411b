import type { RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { arnsOf } from '../emulator/secret-arns.ts';
import type { EncryptionKey } from './encryption-key.ts';

export interface TokenKeysProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
}

/**
 * 64 letters and digits are base64 for a secret of 48 bytes. `excludePunctuation` means the same,
 * but not every emulator supports it.
 */
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/**
 * The keys that tokens are signed with. Secrets Manager generates the first key, so no person has
 * ever seen it.
 */
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

	/** Lets `role` replace the keys in the steps of a rotation. */
	grantRotate(role: IRole): void {
		this.grant(role, [
			'secretsmanager:DescribeSecret',
			'secretsmanager:GetSecretValue',
			'secretsmanager:PutSecretValue',
			'secretsmanager:UpdateSecretVersionStage',
		]);
		this.encryption.grantReadWrite(role, 'secretsmanager');
	}

	/** Lets operators start a rotation before it is due. */
	grantStartRotation(role: IRole): void {
		this.grant(role, ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret']);
	}

	private grant(role: IRole, actions: string[]): void {
		role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: arnsOf(this.secret) }));
	}
}
