import { Aws, Duration } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { RotateKeysVariables } from '../../functions/rotate-keys/deployment/environment.ts';
import type { EncryptionKey } from '../constructs/encryption-key.ts';
import { acknowledge } from '../constructs/nag-exception.ts';
import type { TokenKeys } from '../constructs/token-keys.ts';
import type { Settings } from '../settings/settings.ts';
import { BundledFunction } from './bundled-function.ts';

export interface RotateKeysProps {
	readonly tokenKeys: TokenKeys;
	readonly settings: Settings;
	/** Whether keys are replaced by themselves; emulators do not know the schedule. */
	readonly scheduled: boolean;
	readonly logKey: EncryptionKey;
	readonly logRetention: RetentionDays;
}

/** A key signs for about this long; it verifies for as long as a session that it signed for may live. */
const every = Duration.days(30);

/** Replaces token keys without ending a session. */
export class RotateKeys extends Construct {
	readonly function: BundledFunction;

	constructor(scope: Construct, id: string, { tokenKeys, settings, scheduled, logKey, logRetention }: RotateKeysProps) {
		super(scope, id);
		const variables = {
			LEASEHOLD_ABSOLUTE_TIMEOUT_MS: settings.variables.LEASEHOLD_ABSOLUTE_TIMEOUT_MS,
			LEASEHOLD_IDLE_TIMEOUT_MS: settings.variables.LEASEHOLD_IDLE_TIMEOUT_MS,
		} satisfies RotateKeysVariables;
		this.function = new BundledFunction(this, 'RotateKeys', {
			description: 'rotate keys: replaces the keys that tokens are signed with',
			entry: 'rotate-keys/handler.ts',
			timeout: Duration.seconds(30), // Nobody waits for it, and Secrets Manager repeats a step that failed.
			memoryMb: 256,
			variables,
			logKey,
			logRetention,
		});
		tokenKeys.grantRotate(this.function.role);
		this.function.function.addPermission('SecretsManager', {
			principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
			sourceAccount: Aws.ACCOUNT_ID,
			sourceArn: tokenKeys.secretArn,
		});
		if (scheduled) this.schedule(tokenKeys);
		else acknowledge(tokenKeys.secret, 'AwsSolutions-SMG4', 'Emulators do not know the schedule of a rotation.');
	}

	/** Secrets Manager asks it of whoever starts a rotation: the function is invoked in their name, too. */
	grantInvoke(role: IRole): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.function.functionArn] }),
		);
	}

	private schedule(tokenKeys: TokenKeys): void {
		const schedule = new CfnRotationSchedule(this, 'Schedule', {
			secretId: tokenKeys.secretArn,
			rotationLambdaArn: this.function.function.functionArn,
			rotationRules: { automaticallyAfterDays: every.toDays() },
			// The key that the stack began with is as good as any; the first rotation may come when it is due.
			rotateImmediatelyOnUpdate: false,
		});
		// Secrets Manager refuses a function that it may not invoke yet.
		schedule.node.addDependency(this.function);
	}
}
