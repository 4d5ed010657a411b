import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Records that `construct` breaks a rule of cdk-nag on purpose, and why. The rule then reports
 * nothing there.
 */
export function addNagException(construct: IConstruct, rule: `AwsSolutions-${string}`, reason: string): void {
	Validations.of(construct).acknowledge({ id: rule, reason });
}
