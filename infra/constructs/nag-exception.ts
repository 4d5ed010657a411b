import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A rule of cdk-nag that is broken on purpose at a construct, and why. */
export function acknowledge(construct: IConstruct, rule: `AwsSolutions-${string}`, reason: string): void {
	Validations.of(construct).acknowledge({ id: rule, reason });
}
