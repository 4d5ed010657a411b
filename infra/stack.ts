import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Leasehold } from './leasehold.ts';
import { type Configuration, propsOf } from './settings/configuration.ts';

export interface LeaseholdStackProps extends StackProps {
	readonly configuration: Configuration;
	/** Whether the stack is for an emulator of AWS. */
	readonly emulator: boolean;
}

/** A stack with Leasehold alone in it, configured by a file. */
export class LeaseholdStack extends Stack {
	readonly leasehold: Leasehold;

	constructor(scope: Construct, id: string, { configuration, emulator, ...props }: LeaseholdStackProps) {
		super(scope, id, { description: 'Leasehold: sessions that outlive the server that holds them', ...props });
		this.leasehold = new Leasehold(this, 'Leasehold', { ...propsOf(configuration, this), emulator });
		new CfnOutput(this, 'Url', { value: this.leasehold.url, description: 'The HTTPS API' });
		const { api, repairQueue, tokenKeys } = this.leasehold.parts;
		if (api.domainTarget !== undefined)
			new CfnOutput(this, 'DomainTarget', {
				value: api.domainTarget,
				description: "What the API's name has to lead to",
			});
		// What the runbook's commands name.
		new CfnOutput(this, 'RepairQueueArn', { value: repairQueue.queue.queueArn });
		new CfnOutput(this, 'DeadLettersArn', { value: repairQueue.deadLetters.queueArn });
		new CfnOutput(this, 'DeadLettersUrl', { value: repairQueue.deadLetters.queueUrl });
		new CfnOutput(this, 'TokenKeysArn', { value: tokenKeys.secretArn });
	}
}
