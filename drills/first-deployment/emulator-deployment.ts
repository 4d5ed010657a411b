import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalCdk } from '../../infra/emulator/cdk-locally.ts';
import { localConfiguration } from '../../infra/emulator/local-configuration.ts';
import { startIssuer } from '../../local/issuer/issuer.ts';
import { startMiniStack } from '../../local/ministack/ministack.ts';
import { createHttpTrial } from './http-trial.ts';
import type { Deployment } from './run-trial.ts';
import type { Account } from './step.ts';
import { trialConfiguration } from './trial-configuration.ts';

/** Deploys to a MiniStack that it starts, so it holds nothing else. `destroy` ends it. */
export function createEmulatorDeployment(environment: NodeJS.ProcessEnv, stop: AbortSignal): Deployment {
	const cleanups: (() => Promise<unknown>)[] = [];
	return {
		deploy: async () => {
			const ministack = await startMiniStack({ environment });
			if (ministack.kind === 'missing') throw new Error(ministack.reason);
			cleanups.push(ministack.close);
			const issuer = await startIssuer();
			cleanups.push(issuer.close);
			const folder = await mkdtemp(join(tmpdir(), 'leasehold-trial-'));
			cleanups.push(() => rm(folder, { recursive: true }));
			const file = join(folder, 'configuration.json');
			const configuration = localConfiguration({ issuer: issuer.url, audience: issuer.audience });
			await writeFile(file, JSON.stringify(trialConfiguration(configuration)));
			const onOutput = (text: string) => process.stderr.write(text);
			const cdk = createLocalCdk({ endpoint: ministack.url, environment, onOutput });
			cleanups.push(() => cdk.destroy(file));
			const { Url: url = '' } = await cdk.deploy(file);
			const body = JSON.stringify({ subject: 'grace', scope: 'billing:read' });
			const response = await fetch(`${issuer.url}/id-tokens`, { method: 'POST', body });
			const { idToken } = (await response.json()) as { idToken: string };
			const rotation = { beginRotation: notHere, rotated: notHere };
			const service = 'billing';
			return createHttpTrial({ emulated: true, url, idToken, service, account, rotation, environment, stop });
		},
		destroy: async () => {
			const failures: unknown[] = [];
			for (const clean of cleanups.splice(0).reverse())
				await clean().catch((error: unknown) => {
					failures.push(error);
				});
			if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
		},
	};
}

async function notHere(): Promise<never> {
	throw new Error('an emulator does not show this');
}

/** Every step that uses the account names its reason in `notOnEmulators`. */
const account: Account = {
	simulateAccess: notHere,
	failedCalls: notHere,
	metrics: notHere,
	beginRestore: notHere,
	restoredItems: notHere,
	replaceEnvironments: notHere,
};
