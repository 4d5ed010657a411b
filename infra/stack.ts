import { CfnOutput, CliCredentialsStackSynthesizer, type IStackSynthesizer, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { isForEmulator } from './emulator/context.ts';
import { Leasehold } from './leasehold.ts';
import { propsOf } from './settings/configuration.ts';
import type { Configuration } from './settings/configuration-schema.ts';

export interface LeaseholdStackProps extends StackProps {
	readonly configuration: Configuration;
}

/** MiniStack refuses CDK the role with which it publishes, if it enforces rights. */
function withoutRoles(): Pick<StackProps, 'synthesizer'> {
	return { synthesizer: new CliCredentialsStackSynthesizer() as IStackSynthesizer };
}

/** A stack that contains Leasehold alone, and is configured by a file. */
export class LeaseholdStack extends Stack {
	readonly leasehold: Leasehold;

	constructor(scope: Construct, id: string, { configuration, ...props }: LeaseholdStackProps) {
		const description = 'Leasehold: sessions that outlive the server that holds them';
		super(scope, id, { description, ...(isForEmulator(scope) && withoutRoles()), ...props });
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
