/** `npm run deploy:local`, `npm run destroy:local`: the stack on a LocalStack-compatible endpoint. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainUsage } from '../../local/cli/options.ts';
import { CdkFailure, createLocalCdk } from './cdk-locally.ts';
import { type Asked, parseDeployOptions, usage } from './deploy-options.ts';
import { localConfiguration } from './local-configuration.ts';

/** An endpoint on this machine answers at once, and one that is still starting within seconds. */
const answerMsMax = 5_000;

const commandLine = parseDeployOptions(process.argv.slice(2), process.env);
if (commandLine.kind === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run(asked: Asked): Promise<void> {
	const { endpoint } = asked;
	if (!(await answers(endpoint))) {
		return refuse(
			`Nothing answers at ${endpoint}. Start an endpoint with "npm run ministack", or name another in AWS_ENDPOINT_URL.`,
		);
	}
	const folder = await mkdtemp(join(tmpdir(), 'leasehold-configuration-'));
	try {
		const file = join(folder, 'configuration.json');
		// To destroy takes a stack to be made of it, in which nobody logs in.
		const issued = asked.action === 'deploy' ? asked : { issuer: 'http://issuer.invalid', audience: 'nobody' };
		await writeFile(file, JSON.stringify(localConfiguration(issued)));
		const onOutput = (text: string) => process.stderr.write(text);
		const cdk = createLocalCdk({ endpoint, environment: process.env, onOutput });
		if (asked.action === 'destroy') await cdk.destroy(file);
		else process.stdout.write(`${(await cdk.deploy(file))['Url']}\n`);
	} catch (error) {
		if (!(error instanceof CdkFailure)) throw error;
		refuse(error.message); // Why was in its output.
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** Whether anything does; whether it is what it should be, the first command finds out. */
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
