import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createLocalCdk } from '../../infra/emulator/cdk-locally.ts';
import { localConfiguration } from '../../infra/emulator/local-configuration.ts';
import { startMiniStack } from '../../local/ministack/ministack.ts';
import { startIssuer } from '../../local/services/issuer.ts';
import { startEchoService } from './echo-service.ts';
import { remainingResources } from './remaining.ts';

/** The deployment that the tests talk to. */
export interface Deployed {
	readonly url: string;
	/** Where ID tokens are to be had (`POST /token`), or the one that there is. */
	readonly idTokens: { readonly issuer: string } | { readonly idToken: string };
	/** An API that the authorizer guards. */
	readonly guardedUrl?: string;
	/** The emulator's endpoint, where it is one. */
	readonly endpoint?: string;
	/** How many sessions a subject may have, where that is few enough to try. */
	readonly quotaMax?: number;
}

declare module 'vitest' {
	export interface ProvidedContext {
		deployed: Deployed;
	}
}

/**
 * Runs before all tests: takes the deployment at `LEASEHOLD_URL`, to which `LEASEHOLD_ID_TOKEN` logs in; or deploys one to the
 * LocalStack-compatible endpoint `AWS_ENDPOINT_URL`; or to one that it starts itself. What it deployed it destroys in the end,
 * and a run in which anything of it stays has failed.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
	const { LEASEHOLD_URL: url, LEASEHOLD_ID_TOKEN: idToken, AWS_ENDPOINT_URL: given } = process.env;
	if (url !== undefined) {
		if (idToken === undefined)
			throw new Error('LEASEHOLD_URL needs LEASEHOLD_ID_TOKEN, an ID token that logs in there');
		provide('deployed', { url, idTokens: { idToken } });
		return async () => undefined;
	}
	const cleanups: (() => Promise<unknown>)[] = [];
	const cleanUp = async () => {
		const outcomes: PromiseSettledResult<unknown>[] = [];
		for (const clean of cleanups.splice(0).reverse()) outcomes.push(...(await Promise.allSettled([clean()])));
		const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
		if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
	};
	try {
		const endpoint = given ?? (await startEndpoint(cleanups));
		const issuer = await startIssuer();
		cleanups.push(issuer.close);
		const folder = await mkdtemp(join(tmpdir(), 'leasehold-e2e-'));
		cleanups.push(() => rm(folder, { recursive: true }));
		const file = join(folder, 'configuration.json');
		const echo = await startEchoService();
		cleanups.push(echo.close);
		const local = localConfiguration({ issuer: issuer.url, audience: issuer.audience });
		const services = [
			...local.services,
			{ name: 'echo', url: `${echo.url}/base` },
			{ name: 'vault', url: echo.url, freshness: 'strict' },
		];
		const quota = { max: quotaMax, action: 'end-oldest' };
		await writeFile(file, JSON.stringify({ ...local, services, quota }));
		let output = '';
		const onOutput = (text: string) => {
			output += text;
		};
		const cdk = createLocalCdk({ app: 'test/e2e/app.ts', endpoint, environment: process.env, onOutput });
		try {
			cleanups.push(() => destroyed(() => cdk.destroy(file), endpoint));
			const { Url: url = '', GuardedUrl: guardedUrl = '' } = await cdk.deploy(file);
			provide('deployed', { url, guardedUrl, idTokens: { issuer: issuer.url }, endpoint, quotaMax });
		} catch (error) {
			throw new Error(`the stack was not deployed:\n${output.slice(-outputCharactersMax)}`, { cause: error });
		}
		return cleanUp;
	} catch (error) {
		await cleanUp();
		throw error;
	}
}

/** Enough for the reason that CloudFormation gives. */
const outputCharactersMax = 8_000;

/** More than any test but the one of the quota has of one subject at a time. */
const quotaMax = 12;

async function destroyed(destroy: () => Promise<void>, endpoint: string): Promise<void> {
	await destroy();
	const remaining = await remainingResources(endpoint);
	if (remaining.length > 0) throw new Error(`the stack was destroyed, and left behind: ${remaining.join(', ')}`);
}

async function startEndpoint(cleanups: (() => Promise<unknown>)[]): Promise<string> {
	const ministack = await startMiniStack({ environment: process.env });
	if (ministack.kind === 'missing') throw new Error(`no endpoint to deploy to: ${ministack.reason}`);
	cleanups.push(ministack.close);
	return ministack.url;
}
