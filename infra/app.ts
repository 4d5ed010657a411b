/** What `cdk` runs. Context: `configuration`, a file, and `emulator`, `true` for an emulator of AWS. */
import { existsSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { configurationFile, problemIn, readConfiguration } from './settings/configuration.ts';
import { SettingError } from './settings/setting-error.ts';
import { LeaseholdStack } from './stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const { file, said } = configurationFile(app.node.tryGetContext('configuration'), existsSync);
process.stderr.write(said);
try {
	new LeaseholdStack(app, 'Leasehold', {
		configuration: readConfiguration(file),
		emulator: String(app.node.tryGetContext('emulator')) === 'true',
	});
} catch (error) {
	if (!(error instanceof SettingError)) throw error;
	process.stderr.write(`${problemIn(file, error)}\n`);
	process.exit(1);
}
