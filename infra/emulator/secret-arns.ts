import { Stack } from 'aws-cdk-lib';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { isForEmulator } from './context.ts';

/**
 * The secret's ARN, as the resource of a policy. CloudFormation's `Ref` of a secret is its ARN, and
 * MiniStack's is its name. So policies for an emulator also have the ARN that it makes of the name.
 */
export function arnsOf(secret: Secret): string[] {
	const { secretArn } = secret;
	if (!isForEmulator(secret)) return [secretArn];
	const { partition, region, account } = Stack.of(secret);
	return [secretArn, `arn:${partition}:secretsmanager:${region}:${account}:secret:${secretArn}-??????`];
}
