/**
 * `npm run deploy:local` and `npm run destroy:local`: deploys the stack to a LocalStack-compatible
 * endpoint, or destroys it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainUsage } from '../../local/cli/options.ts';
import { CdkFailure, createLocalCdk } from './cdk-locally.ts';
import { type DeployOptions, parseDeployOptions, usage } from './deploy-options.ts';
import { type DeployedAddress, deployedAddress } from './deployed-address.ts';
import { localConfiguration } from './local-configuration.ts';

/** LocalStack loads its services for the first request, which takes seconds. */
const answerMsMax = 30_000;

const commandLine = parseDeployOptions(process.argv.slice(2), process.env);
if (commandLine.kind === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run(options: DeployOptions): Promise<void> {
	const { endpoint } = options;
	if (!(await answers(endpoint))) {
		return refuse(
			`Nothing answers at ${endpoint}. Start an endpoint with "npm run ministack", or name another in AWS_ENDPOINT_URL.`,
		);
	}
	const folder = await mkdtemp(join(tmpdir(), 'leasehold-configuration-'));
	try {
		const file = join(folder, 'configuration.json');
		// CDK synthesizes the stack to destroy it. Any issuer will do for that.
		const issued = options.action === 'deploy' ? options : { issuer: 'http://issuer.invalid', audience: 'nobody' };
		await writeFile(file, JSON.stringify(localConfiguration(issued)));
		const onOutput = (text: string) => process.stderr.write(text);
		const cdk = createLocalCdk({ endpoint, environment: process.env, onOutput });
		if (options.action === 'destroy') await cdk.destroy(file);
		else print(deployedAddress(await cdk.deploy(file)));
	} catch (error) {
		if (!(error instanceof CdkFailure)) throw error;
		refuse(error.message); // The reason has been printed.
	} finally {
		await rm(folder, { recursive: true });
	}
}

function print(address: DeployedAddress): void {
	if (address.kind === 'none') {
		refuse(address.problem);
		return;
	}
	if (address.kind === 'function-url')
		process.stderr.write(
			'The endpoint has no HTTP APIs. This is a function URL, which has no throttling and no authorizers.\n',
		);
	process.stdout.write(`${address.url}\n`);
}

/** Whether anything answers at `url`. The first command finds out whether it is an emulator. */
async function answers(url: string): Promise<boolean> {
	try {
		await fetch(url, { signal: AbortSignal.timeout(answerMsMax) });
		return true;
	} catch {
		return false;
	}
}

function refuse(problem: string): void {
	process.stderr.write(`${problem}\n`);
	process.exitCode = 1;
}
