import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { appOf, type SynthesisOptions } from './synthesized.ts';

/** What AWS's own rules for solutions find, without what is acknowledged where it is broken, with the reason. */
function findings(options: SynthesisOptions = {}): string[] {
	const { app } = appOf(options);
	const { violations } = new AwsSolutionsChecks(app).validateScope(app);
	return violations.flatMap(({ ruleName, violatingResources }) =>
		violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
	);
}

describe('AWS’s rules for solutions', () => {
	it.each([false, true])('find nothing in the stack (for an emulator: %s)', (emulator) => {
		expect(findings({ emulator, add: ({ leasehold }) => leasehold.authorizer() })).toEqual([]);
	});

	it('find nothing in a stack that goes with all that it holds', () => {
		expect(findings({ configuration: { data: 'delete' } })).toEqual([]);
	});

	it('would find a bucket that anyone may read without TLS', () => {
		const found = findings({ add: (stack) => new CfnBucket(stack, 'Another') });
		expect(found).toContain('AwsSolutions-S10 Leasehold/Another');
	});
});

describe('the construct library', () => {
	it('warns of nothing: no deprecated property, no unknown flag', () => {
		const { stack } = appOf();
		expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
		expect(Annotations.fromStack(stack).findError('*', Match.anyValue())).toEqual([]);
	});
});
