/** What `cdk` runs. Context: `configuration`, a file, and `emulator`, `true` for an emulator of AWS. */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readConfiguration } from './configuration.ts';
import { LeaseholdStack } from './leasehold-stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new LeaseholdStack(app, 'Leasehold', {
	configuration: readConfiguration(String(app.node.getContext('configuration'))),
	emulator: String(app.node.tryGetContext('emulator')) === 'true',
});
