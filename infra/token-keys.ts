import type { RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { SessionServerVariables } from '../functions/session-server/environment.ts';
import { acknowledge } from './acknowledged.ts';
import type { EncryptionKey } from './encryption-key.ts';

export interface TokenKeysProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
}

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
				// Letters and digits are base64: 64 of them are 48 bytes, of 381 bits.
				excludeCharacters: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
				passwordLength: 64,
			},
		});
		acknowledge(this.secret, 'AwsSolutions-SMG4', 'Rotation is yet to come.');
	}

	/** How a session server is told of its keys. */
	variables(): Pick<SessionServerVariables, 'LEASEHOLD_TOKEN_KEYS'> {
		return { LEASEHOLD_TOKEN_KEYS: this.secret.secretValue.unsafeUnwrap() };
	}

	/** Lets `role` read the keys. */
	grantRead(role: IRole): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [this.secret.secretArn] }),
		);
		this.encryption.grantRead(role, 'secretsmanager');
	}
}
