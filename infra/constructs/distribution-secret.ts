import type { RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { arnsOf } from '../emulator/secret-arns.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { addNagException } from './nag-exception.ts';

export interface DistributionSecretProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
}

/**
 * The secret with which a CloudFront distribution proves that it sent a request. Secrets Manager
 * generates it. The template only refers to it, and CloudFormation puts it into the distribution.
 */
export class DistributionSecret extends Construct {
	private readonly secret: Secret;
	private readonly encryption: EncryptionKey;

	constructor(scope: Construct, id: string, { encryption, removalPolicy }: DistributionSecretProps) {
		super(scope, id);
		this.encryption = encryption;
		this.secret = new Secret(this, 'Secret', {
			description: 'Leasehold: what CloudFront sends to the API',
			encryptionKey: encryption.key,
			removalPolicy,
			generateSecretString: { passwordLength: 48, excludePunctuation: true },
		});
		addNagException(
			this.secret,
			'AwsSolutions-SMG4',
			'CloudFormation reads the secret only when it changes the distribution, so a schedule would lock clients out.',
		);
	}

	get secretArn(): string {
		return this.secret.secretArn;
	}

	/** A reference that CloudFormation resolves when it deploys. It is not the secret. */
	get reference(): string {
		return this.secret.secretValue.unsafeUnwrap();
	}

	/** Lets `role` read the secret, which is encrypted with a key that it may use for secrets. */
	grantRead(role: IRole): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: arnsOf(this.secret) }),
		);
		this.encryption.grantRead(role, 'secretsmanager');
	}
}
