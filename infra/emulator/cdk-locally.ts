import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emulatorContext } from './context.ts';

export interface LocalCdk {
	/** Bootstraps the endpoint, deploys the stack and returns the stack's outputs. */
	deploy(configurationFile: string): Promise<Readonly<Record<string, string>>>;
	destroy(configurationFile: string): Promise<void>;
}

export interface LocalCdkOptions {
	/**
	 * The program that creates the CDK app.
	 * @default 'infra/app.ts'
	 */
	readonly app?: string;
	/** A LocalStack-compatible endpoint. */
	readonly endpoint: string;
	/** Environment of the commands. Its AWS variables are replaced. */
	readonly environment: NodeJS.ProcessEnv;
	/** Receives the output of the commands, piece by piece. */
	readonly onOutput: (text: string) => void;
}

/** A command failed. The reason is in its output. */
export class CdkFailure extends Error {}

const emulatedAccount = { id: '000000000000', region: 'us-east-1' } as const;
const stackName = 'Leasehold';
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const cdkProgram = fileURLToPath(new URL('../../node_modules/aws-cdk/bin/cdk', import.meta.url));

/**
 * Runs the `cdk` command against an emulator, with credentials that are worthless anywhere else.
 * @throws if the endpoint belongs to AWS. The returned functions throw `CdkFailure` if a command
 * fails.
 */
export function createLocalCdk({ app = 'infra/app.ts', endpoint, environment, onOutput }: LocalCdkOptions): LocalCdk {
	if (new URL(endpoint).hostname.endsWith('.amazonaws.com'))
		throw new Error(`${endpoint} is AWS itself: use npm run deploy, without AWS_ENDPOINT_URL`);
	// Other AWS variables (profiles, tokens, roles) would take precedence, or would be sent to the
	// endpoint.
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

	// The same Node as this process. The first one on the path may be another version.
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

	/**
	 * Runs commands with their own output folder. The default folder of `cdk` may belong to another
	 * deployment.
	 */
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
