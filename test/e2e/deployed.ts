import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createLocalCdk } from '../../infra/emulator/cdk-locally.ts';
import { localConfiguration } from '../../infra/emulator/local-configuration.ts';
import { startIssuer } from '../../local/issuer/issuer.ts';
import { startMiniStack } from '../../local/ministack/ministack.ts';
import { startEchoService } from './echo-service.ts';
import { remainingResources } from './remaining.ts';

/** The deployment that the tests talk to. */
export interface Deployed {
	readonly url: string;
	/** The issuer that makes ID tokens (`POST /id-tokens`), or the only ID token. */
	readonly idTokens: { readonly issuer: string } | { readonly idToken: string };
	/** The URL of an API that the authorizer guards. */
	readonly guardedUrl?: string;
	/** The function URL of the session servers, which only emulators have. */
	readonly functionUrl?: string;
	/** The endpoint of the emulator. Absent on AWS. */
	readonly endpoint?: string;
	/** How many sessions a subject may have. Absent if that may be too many to try. */
	readonly quotaMax?: number;
}

declare module 'vitest' {
	export interface ProvidedContext {
		deployed: Deployed;
	}
}

/**
 * Runs before all tests and provides the deployment. There are three cases:
 *
 * - If `LEASEHOLD_URL` is set, it is the deployment, and `LEASEHOLD_ID_TOKEN` logs in there.
 * - If `AWS_ENDPOINT_URL` is set, the stack is deployed to that LocalStack-compatible endpoint.
 * - Otherwise the stack is deployed to a MiniStack that this function starts.
 *
 * A stack that was deployed is destroyed after the tests. The run fails if a resource remains.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
	const { LEASEHOLD_URL: url, LEASEHOLD_ID_TOKEN: idToken, AWS_ENDPOINT_URL: given } = process.env;
	if (url !== undefined) {
		if (idToken === undefined)
			throw new Error('with LEASEHOLD_URL, set LEASEHOLD_ID_TOKEN to an ID token that logs in there');
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
			const { Url: url = '', GuardedUrl: guardedUrl = '', FunctionUrl = '' } = await cdk.deploy(file);
			provide('deployed', {
				url,
				guardedUrl,
				functionUrl: reachable(FunctionUrl, endpoint),
				idTokens: { issuer: issuer.url },
				endpoint,
				quotaMax,
			});
		} catch (error) {
			throw new Error(`the stack was not deployed:\n${output.slice(-outputCharactersMax)}`, { cause: error });
		}
		return cleanUp;
	} catch (error) {
		await cleanUp();
		throw error;
	}
}

/** Enough for CloudFormation's reason. */
const outputCharactersMax = 8_000;

/** More sessions of a subject than any test needs, except the test of the quota. */
const quotaMax = 12;

/** MiniStack's function URLs have hosts of AWS. It serves them below a path. */
function reachable(functionUrl: string, endpoint: string): string {
	const { hostname } = new URL(functionUrl);
	if (!hostname.endsWith('.on.aws')) return functionUrl.replace(/\/$/, '');
	return `${endpoint}/_aws/lambda-url/${hostname.split('.', 1)[0]}`;
}

async function destroyed(destroy: () => Promise<void>, endpoint: string): Promise<void> {
	await destroy();
	const remaining = await remainingResources(endpoint);
	if (remaining.length > 0) throw new Error(`the destroyed stack left resources behind: ${remaining.join(', ')}`);
}

async function startEndpoint(cleanups: (() => Promise<unknown>)[]): Promise<string> {
	const ministack = await startMiniStack({ environment: process.env });
	if (ministack.kind === 'missing') throw new Error(`no endpoint to deploy to: ${ministack.reason}`);
	cleanups.push(ministack.close);
	return ministack.url;
}
