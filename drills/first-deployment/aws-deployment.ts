import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readConfiguration } from '../../infra/settings/configuration.ts';
import { type AwsAccount, openAwsAccount } from './aws-account.ts';
import { runProgram } from './child.ts';
import { createHttpTrial } from './http-trial.ts';
import { deleteLeftoverLogs } from './leftovers.ts';
import type { AwsOptions } from './options.ts';
import type { Deployment } from './run-trial.ts';
import type { Trial } from './step.ts';
import { trialConfiguration } from './trial-configuration.ts';

export interface AwsDeployment extends Deployment {
	readonly stackName: string;
}

/**
 * Deploys to the account of the environment's credentials. The name of the stack is drawn, and
 * nobody can give one. So the trial never updates or destroys a stack that has data.
 * @param run runs `cdk`
 * @param tidy deletes the logs that do not go with the stack
 */
export function createAwsDeployment(
	{ configuration, service, idToken }: AwsOptions,
	environment: NodeJS.ProcessEnv,
	stop: AbortSignal,
	run: typeof runProgram = runProgram,
	tidy: typeof deleteLeftoverLogs = deleteLeftoverLogs,
): AwsDeployment {
	const stackName = `LeaseholdTrial-${randomBytes(6).toString('hex')}`;

	let account: AwsAccount | undefined;
	let region: string | undefined;

	async function cdk<Result>(args: readonly string[], read: (outputs: string) => Promise<Result>): Promise<Result> {
		const folder = await mkdtemp(join(tmpdir(), 'leasehold-trial-'));
		try {
			const file = join(folder, 'configuration.json');
			const outputs = join(folder, 'outputs.json');
			await writeFile(file, JSON.stringify(trialConfiguration(readConfiguration(configuration))));
			const context = ['--context', `configuration=${file}`, '--context', `leasehold:stackName=${stackName}`];
			const where = ['--output', join(folder, 'out'), ...(args[0] === 'deploy' ? ['--outputs-file', outputs] : [])];
			await run('node_modules/aws-cdk/bin/cdk', [...args, ...context, ...where], environment);
			return await read(outputs);
		} finally {
			await rm(folder, { recursive: true });
		}
	}

	return {
		stackName,
		deploy: () =>
			cdk(['deploy', '--require-approval', 'never'], async (file) => {
				const { Url: url, TokenKeysArn: secret } = JSON.parse(await readFile(file, 'utf8'))[stackName];
				region = String(secret).split(':')[3];
				const rotation = rotationOf(String(secret));
				account = await openAwsAccount(String(secret), stackName);
				return createHttpTrial({ emulated: false, url, idToken, service, account, rotation, environment, stop });
			}),
		destroy: async () => {
			try {
				await account?.close();
			} finally {
				await cdk(['destroy', '--force'], async () => undefined);
				await tidy(stackName, region);
			}
		},
	};
}

/** @param secret its ARN, which names the region */
function rotationOf(secret: string): Pick<Trial, 'beginRotation' | 'rotated'> {
	const client = new SecretsManagerClient({ region: secret.split(':')[3] ?? '' });
	let next: string | undefined;
	return {
		beginRotation: async () => {
			next = (await client.send(new RotateSecretCommand({ SecretId: secret }))).VersionId;
		},
		rotated: async () => {
			const { VersionIdsToStages: stages = {} } = await client.send(new DescribeSecretCommand({ SecretId: secret }));
			return next !== undefined && stages[next]?.includes('AWSCURRENT') === true;
		},
	};
}
