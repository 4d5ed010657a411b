import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createLocalCdk } from '../../infra/cdk-locally.ts';
import { localConfiguration } from '../../infra/local-configuration.ts';
import { startIssuer } from '../../local/issuer.ts';
import { startMiniStack } from '../../local/ministack.ts';

/** The deployment that the tests talk to. */
export interface Deployed {
	readonly url: string;
	/** Where ID tokens are to be had (`POST /token`), or the one that there is. */
	readonly idTokens: { readonly issuer: string } | { readonly idToken: string };
	/** An API that the authorizer guards. */
	readonly guardedUrl?: string;
	/** The emulator's endpoint, where it is one. */
	readonly endpoint?: string;
}

declare module 'vitest' {
	export interface ProvidedContext {
		deployed: Deployed;
	}
}

/**
 * Runs before all tests: takes the deployment at `LEASEHOLD_URL`, to which `LEASEHOLD_ID_TOKEN` logs in; or deploys one to the
 * LocalStack-compatible endpoint `AWS_ENDPOINT_URL`; or to one that it starts itself.
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
		for (const clean of cleanups.splice(0).reverse()) await clean();
	};
	try {
		const endpoint = given ?? (await startEndpoint(cleanups));
		const issuer = await startIssuer();
		cleanups.push(issuer.close);
		const folder = await mkdtemp(join(tmpdir(), 'leasehold-e2e-'));
		cleanups.push(() => rm(folder, { recursive: true }));
		const file = join(folder, 'configuration.json');
		await writeFile(file, JSON.stringify(localConfiguration({ issuer: issuer.url, audience: issuer.audience })));
		let output = '';
		const onOutput = (text: string) => {
			output += text;
		};
		const cdk = createLocalCdk({ app: 'test/e2e/app.ts', endpoint, environment: process.env, onOutput });
		try {
			if (given !== undefined) cleanups.push(() => cdk.destroy(file));
			const { Url: url = '', GuardedUrl: guardedUrl = '' } = await cdk.deploy(file);
			provide('deployed', { url, guardedUrl, idTokens: { issuer: issuer.url }, endpoint });
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

async function startEndpoint(cleanups: (() => Promise<unknown>)[]): Promise<string> {
	const ministack = await startMiniStack({ environment: process.env });
	if (ministack.outcome === 'missing') throw new Error(`no endpoint to deploy to: ${ministack.reason}`);
	cleanups.push(ministack.close);
	return ministack.url;
}
