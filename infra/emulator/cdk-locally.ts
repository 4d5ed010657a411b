import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emulatorContext } from './context.ts';

export interface LocalCdk {
	/** Prepares the endpoint, deploys the stack and returns its outputs. */
	deploy(configurationFile: string): Promise<Readonly<Record<string, string>>>;
	destroy(configurationFile: string): Promise<void>;
}

export interface LocalCdkOptions {
	/** The program that makes the app; the project's own unless given. */
	readonly app?: string;
	/** A LocalStack-compatible endpoint. */
	readonly endpoint: string;
	/** What commands find beside what is set for them: where programs are, where a home is. */
	readonly environment: NodeJS.ProcessEnv;
	/** Given each piece of what a command writes. */
	readonly onOutput: (text: string) => void;
}

/** A command that failed. Why is in its output. */
export class CdkFailure extends Error {}

const emulatedAccount = { id: '000000000000', region: 'us-east-1' } as const;
const stackName = 'Leasehold';
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const cdkProgram = fileURLToPath(new URL('../../node_modules/aws-cdk/bin/cdk', import.meta.url));

/**
 * The CDK's own commands, for an emulator: with its endpoint, and with credentials that open nothing anywhere else.
 * @throws where the endpoint is AWS's own, and `CdkFailure` where a command fails.
 */
export function createLocalCdk({ app = 'infra/app.ts', endpoint, environment, onOutput }: LocalCdkOptions): LocalCdk {
	if (new URL(endpoint).hostname.endsWith('.amazonaws.com'))
		throw new Error(`${endpoint} is AWS itself: use npm run deploy, without AWS_ENDPOINT_URL`);
	// Whatever else says who somebody is (profiles, tokens, roles) would go to the endpoint, or come before these.
	const others = Object.entries(environment).filter(([name]) => !name.startsWith('AWS_'));
	const variables = {
		...Object.fromEntries(others),
		AWS_ENDPOINT_URL: endpoint,
		AWS_ACCESS_KEY_ID: 'test',
		AWS_SECRET_ACCESS_KEY: 'test',
		AWS_REGION: emulatedAccount.region,
		AWS_CONFIG_FILE: '/dev/null',
		AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
	};

	/** With this very Node: the first one on the path may be another. */
	const program = `"${process.execPath}" ${app}`;

	async function cdk(...args: readonly string[]): Promise<void> {
		const child = spawn(process.execPath, [cdkProgram, ...args, '--app', program], {
			cwd: projectRoot,
			env: variables,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onOutput);
		const [code] = await once(child, 'close');
		if (code !== 0) throw new CdkFailure(`cdk ${args[0]} ended with exit status ${code}`);
	}

	/** Runs a command on a stack, in a folder of its own: the one that `cdk` takes by default may be another deployment's. */
	async function inFolder<Result>(work: (folder: string, context: readonly string[]) => Promise<Result>, file: string) {
		const folder = await mkdtemp(join(tmpdir(), 'leasehold-cdk-'));
		const context = [
			'--context',
			`configuration=${file}`,
			'--context',
			`${emulatorContext}=true`,
			'--output',
			join(folder, 'out'),
		];
		try {
			return await work(folder, context);
		} finally {
			await rm(folder, { recursive: true });
		}
	}

	return {
		deploy: (configurationFile) =>
			inFolder(async (folder, context) => {
				const outputs = join(folder, 'outputs.json');
				await cdk('bootstrap', `aws://${emulatedAccount.id}/${emulatedAccount.region}`, ...context);
				await cdk('deploy', stackName, '--require-approval', 'never', '--outputs-file', outputs, ...context);
				return JSON.parse(await readFile(outputs, 'utf8'))[stackName];
			}, configurationFile),
		destroy: (configurationFile) =>
			inFolder((_, context) => cdk('destroy', stackName, '--force', ...context), configurationFile),
	};
}
