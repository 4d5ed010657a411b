/**
 * The program that `cdk` runs. Its context `configuration` names the configuration file, and
 * `leasehold:stackName` another name for the stack than `Leasehold`.
 */
import { existsSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { isForEmulator } from './emulator/context.ts';
import { configurationFile, problemIn, readConfiguration } from './settings/configuration.ts';
import { SettingError } from './settings/setting-error.ts';
import { LeaseholdStack } from './stack.ts';

const app = new App();
// Emulators have no TLS, which is an error by these rules.
if (!isForEmulator(app)) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const { file, notice } = configurationFile(app.node.tryGetContext('configuration'), existsSync);
process.stderr.write(notice);
try {
	const stackName: unknown = app.node.tryGetContext('leasehold:stackName');
	new LeaseholdStack(app, 'Leasehold', {
		configuration: readConfiguration(file),
		...(typeof stackName === 'string' ? { stackName } : {}),
	});
} catch (error) {
	if (!(error instanceof SettingError)) throw error;
	process.stderr.write(`${problemIn(file, error)}\n`);
	process.exit(1);
}
