import { Aws, Duration } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { RotateKeysVariables } from '../../functions/rotate-keys/deployment/environment.ts';
import { addNagException } from '../constructs/nag-exception.ts';
import type { TokenKeys } from '../constructs/token-keys.ts';
import type { Settings } from '../settings/settings.ts';
import { BundledFunction, type FunctionDefaults } from './bundled-function.ts';

export interface RotateKeysProps {
	readonly tokenKeys: TokenKeys;
	readonly settings: Settings;
	/**
	 * Whether Secrets Manager starts rotations on a schedule. Emulators do not support the
	 * schedule.
	 */
	readonly scheduled: boolean;
	readonly defaults: FunctionDefaults;
}

/**
 * A key signs for about this long. It verifies for as long as a session that it signed for may
 * live.
 */
const every = Duration.days(30);

/** The function that replaces token keys without ending a session. */
export class RotateKeys extends BundledFunction {
	constructor(scope: Construct, id: string, { tokenKeys, settings, scheduled, defaults }: RotateKeysProps) {
		const variables = {
			LEASEHOLD_ABSOLUTE_TIMEOUT_MS: settings.variables.LEASEHOLD_ABSOLUTE_TIMEOUT_MS,
			LEASEHOLD_IDLE_TIMEOUT_MS: settings.variables.LEASEHOLD_IDLE_TIMEOUT_MS,
		} satisfies RotateKeysVariables;
		super(scope, id, {
			defaults,
			component: 'RotateKeys',
			description: 'rotate keys: replaces the keys that tokens are signed with',
			entry: 'rotate-keys/handler.ts',
			// No request waits for it, and Secrets Manager repeats a step that failed.
			timeout: Duration.seconds(30),
			memoryMb: 256,
			variables,
		});
		tokenKeys.grantRotate(this.role);
		this.lambda.addPermission('SecretsManager', {
			principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
			sourceAccount: Aws.ACCOUNT_ID,
			sourceArn: tokenKeys.secretArn,
		});
		if (scheduled) this.schedule(tokenKeys);
		else addNagException(tokenKeys.secret, 'AwsSolutions-SMG4', 'Emulators do not support scheduled rotation.');
	}

	/**
	 * A role that starts rotations needs this right: Secrets Manager also invokes the function in
	 * the role's name.
	 */
	grantInvoke(role: IRole): void {
		role.addToPrincipalPolicy(
			new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.lambda.functionArn] }),
		);
	}

	private schedule(tokenKeys: TokenKeys): void {
		const schedule = new CfnRotationSchedule(this, 'Schedule', {
			secretId: tokenKeys.secretArn,
			rotationLambdaArn: this.lambda.functionArn,
			rotationRules: { automaticallyAfterDays: every.toDays() },
			// The first key is new, so nothing is gained by replacing it at once.
			rotateImmediatelyOnUpdate: false,
		});
		// Secrets Manager rejects a function that it may not invoke yet.
		schedule.node.addDependency(this.log, this.role, this.lambda);
	}
}
