import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type {
	DecidingVariables,
	SessionServerVariables,
} from '../../functions/session-server/deployment/environment.ts';
import type { DistributionSecret } from '../constructs/distribution-secret.ts';
import { contractFileName, contractText } from './api-contract.ts';
import { DecidingFunction, type DecidingProps } from './deciding-function.ts';

/** The session servers: they answer the HTTPS API. */
export class SessionServer extends DecidingFunction {
	constructor(scope: Construct, id: string, props: DecidingProps) {
		const { variables, requestMs, issuersFile, clientSecretArns } = props.settings;
		super(scope, id, props, {
			component: 'SessionServer',
			description: 'session server: holds sessions in memory and decides about requests',
			entry: 'session-server/handler.ts',
			entrance: props.bus.forSessionServers,
			// Longer than a lease (docs/decisions/0039).
			timeout: Duration.seconds(Math.ceil(requestMs / 1_000)),
			files: { 'issuers.json': issuersFile, [contractFileName]: contractText() },
			variables: variables satisfies Omit<SessionServerVariables, keyof DecidingVariables>,
		});
		// These secrets and no others. If a secret has its own KMS key, grant `kms:Decrypt` on that.
		if (clientSecretArns.length > 0)
			this.role.addToPrincipalPolicy(
				new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [...clientSecretArns] }),
			);
	}

	/** Makes the session servers refuse requests that do not have the secret. */
	requireSecret(secret: DistributionSecret): void {
		this.addVariable('LEASEHOLD_DISTRIBUTION_SECRET' satisfies keyof SessionServerVariables, secret.secretArn);
		secret.grantRead(this.role);
	}
}
