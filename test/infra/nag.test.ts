import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { appOf, type SynthesisOptions } from './synthesized.ts';

/**
 * Violations of AWS's rules for solutions. Exceptions that are recorded with a reason are not among
 * them.
 */
function findings(options: SynthesisOptions = {}): string[] {
	const { app } = appOf(options);
	const { violations } = new AwsSolutionsChecks(app).validateScope(app);
	return violations.flatMap(({ ruleName, violatingResources }) =>
		violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
	);
}

describe('cdk-nag', () => {
	test('AWS’s rules for solutions find nothing in the stack', () => {
		expect(findings({ add: ({ leasehold }) => leasehold.authorizer() })).toEqual([]);
	});

	test('for an emulator, AWS’s rules for solutions find nothing but missing TLS', () => {
		expect(findings({ emulator: true, add: ({ leasehold }) => leasehold.authorizer() })).toEqual([
			'AwsSolutions-S10 Leasehold/Leasehold/SessionBucket/Bucket/Resource',
			'AwsSolutions-SQS4 Leasehold/Leasehold/RepairQueue/DeadLetters/Resource',
			'AwsSolutions-SQS4 Leasehold/Leasehold/RepairQueue/Queue/Resource',
		]);
	});

	test('AWS’s rules for solutions find nothing in a stack that deletes its data', () => {
		expect(findings({ configuration: { data: 'delete' } })).toEqual([]);
	});

	test('AWS’s rules for solutions find a bucket that can be read without TLS', () => {
		const found = findings({ add: (stack) => new CfnBucket(stack, 'Another') });
		expect(found).toContain('AwsSolutions-S10 Leasehold/Another');
	});
});

describe('aws-cdk-lib', () => {
	test('CDK warns about nothing in the stack, neither a deprecated property nor an unknown flag', () => {
		const { stack } = appOf();
		expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
		expect(Annotations.fromStack(stack).findError('*', Match.anyValue())).toEqual([]);
	});
});
