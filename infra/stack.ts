import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Leasehold } from './leasehold.ts';
import { propsOf } from './settings/configuration.ts';
import type { Configuration } from './settings/configuration-schema.ts';

export interface LeaseholdStackProps extends StackProps {
	readonly configuration: Configuration;
}

/** A stack that contains Leasehold alone, and is configured by a file. */
export class LeaseholdStack extends Stack {
	readonly leasehold: Leasehold;

	constructor(scope: Construct, id: string, { configuration, ...props }: LeaseholdStackProps) {
		super(scope, id, { description: 'Leasehold: sessions that outlive the server that holds them', ...props });
		this.leasehold = new Leasehold(this, 'Leasehold', propsOf(configuration, this));
		const {
			url,
			functionUrl,
			domainTarget,
			repairQueueArn,
			deadLetterQueueArn,
			deadLetterQueueUrl,
			tokenKeysSecretArn,
		} = this.leasehold;
		new CfnOutput(this, 'Url', { value: url, description: 'The HTTPS API' });
		if (functionUrl !== undefined)
			new CfnOutput(this, 'FunctionUrl', { value: functionUrl, description: 'For emulators without HTTP APIs' });
		if (domainTarget !== undefined)
			new CfnOutput(this, 'DomainTarget', {
				value: domainTarget,
				description: 'Where the DNS name of the API must point to',
			});
		// The runbook's commands use these names.
		new CfnOutput(this, 'RepairQueueArn', { value: repairQueueArn });
		new CfnOutput(this, 'DeadLettersArn', { value: deadLetterQueueArn });
		new CfnOutput(this, 'DeadLettersUrl', { value: deadLetterQueueUrl });
		new CfnOutput(this, 'TokenKeysArn', { value: tokenKeysSecretArn });
	}
}
