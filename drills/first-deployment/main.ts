/** `npm run first-deployment`: tries its own deployment on AWS, and prints a report. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { explainUsage } from '../../local/cli/options.ts';
import { trialBill } from '../costs/trial-bill.ts';
import { type AwsDeployment, createAwsDeployment } from './aws-deployment.ts';
import { createEmulatorDeployment } from './emulator-deployment.ts';
import { removalOf } from './leftovers.ts';
import { parseTrialOptions, type TrialOptions, usage } from './options.ts';
import { isWell, reportOf } from './report.ts';
import { type Deployment, runTrial } from './run-trial.ts';
import { steps } from './steps.ts';
import { outliveTerminal } from './terminal.ts';

const commandLine = parseTrialOptions(process.argv.slice(2), process.env);
if (commandLine.kind === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run(options: TrialOptions): Promise<void> {
	const stop = new AbortController();
	const deployment = await chosen(options, stop.signal);
	if (deployment === undefined) return;
	outliveTerminal(() => {
		process.stderr.write('\nThe stack is destroyed as soon as the step that runs has ended. Please wait.\n');
		stop.abort();
	});
	const results = await runTrial(deployment, steps, stop.signal);
	const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
	process.stdout.write(reportOf(results, { where: options.emulator ? 'MiniStack' : 'AWS', version }));
	// The first lines with these commands are an hour away.
	if (results.destroyed.kind !== 'holds' && 'stackName' in deployment)
		process.stderr.write(
			`\nThe trial may have left something behind. Look at your account, and ${removalOf(deployment.stackName)}`,
		);
	if (!isWell(results)) process.exitCode = 1;
}

/** @returns nothing if the person does not want to spend */
async function chosen(options: TrialOptions, stop: AbortSignal): Promise<Deployment | AwsDeployment | undefined> {
	if (options.emulator) return createEmulatorDeployment(process.env, stop);
	const deployment = createAwsDeployment(options, process.env, stop);
	const cost = Object.values(trialBill()).reduce((sum, part) => sum + part, 0);
	process.stderr.write(
		`This creates the stack ${deployment.stackName} in your AWS account, and destroys it within two hours.\n` +
			`At list prices it costs about ${cost.toFixed(2)} dollars, most of it for a dashboard. If this process is killed, ${removalOf(deployment.stackName)}`,
	);
	if (options.yes || (await agreed())) return deployment;
	process.stderr.write('Nothing was created.\n');
	process.exitCode = 1;
	return undefined;
}

async function agreed(): Promise<boolean> {
	if (!process.stdin.isTTY) return false;
	const lines = createInterface({ input: process.stdin, output: process.stderr });
	try {
		return (await lines.question('Type "yes" to continue: ')) === 'yes';
	} finally {
		lines.close();
	}
}
