import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overSdkMax, sdkBytesOf } from '../../infra/functions/bundle-size.ts';
import type { BundledFunction } from '../../infra/functions/bundled-function.ts';
import { readConfiguration } from '../../infra/settings/configuration.ts';
import { bundleFunction } from '../../local/lambda/bundle.ts';
import { appOf, exampleFile } from './synthesized.ts';

let folder: string;
let functions: readonly BundledFunction[];

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'leasehold-bundles-'));
	const { stack } = appOf({ bundlesIn: join(folder, 'out'), add: ({ leasehold }) => leasehold.authorizer() });
	functions = stack.node.findAll().filter((construct) => 'bundleFile' in construct) as unknown as BundledFunction[];
});

afterAll(() => rm(folder, { recursive: true }));

/** The code without its last line, which names the source map. */
async function codeOf(file: string): Promise<string> {
	return (await readFile(file, 'utf8')).replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
}

describe('deployed bundles', () => {
	test('the stack bundles the session server, the authorizer, the bus, repair and the rotation of keys', () => {
		expect(functions.map(({ node }) => node.id).sort()).toEqual([
			'Authorizer',
			'Bus',
			'Repair',
			'RotateKeys',
			'SessionServer',
		]);
	});

	test('deployed bundles are identical to those that the local region runs', async () => {
		for (const { entry, bundleFile, node } of functions) {
			const local = await bundleFunction({ entry, outDir: join(folder, 'local', node.id) });
			expect(await codeOf(bundleFile), node.id).toBe(await codeOf(local.file));
		}
	});

	test('every handler begins without connections that may have died during a freeze', async () => {
		for (const { entry, node } of functions)
			expect(await readFile(entry, 'utf8'), node.id).toMatch(/^export const handler = withLiveConnections\(\w+\);$/m);
	});

	test('a bundle is little larger than the SDK clients in it', async () => {
		for (const { entry, bundleFile, node } of functions) {
			const { length } = await readFile(bundleFile);
			expect(length / sdkBytesOf(entry), node.id).toBeLessThanOrEqual(overSdkMax);
		}
	});

	test('the contract of the API lies beside the session server’s bundle, and is not part of it', async () => {
		const committed = JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));
		for (const { bundleFile, node } of functions) {
			const file = join(dirname(bundleFile), 'openapi.json');
			if (node.id === 'SessionServer') expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(committed);
			else await expect(readFile(file)).rejects.toThrow(basename(file));
			expect(await readFile(bundleFile, 'utf8')).not.toContain('GatewayMessage');
		}
	});

	test('the service catalog lies beside the bundles of functions that decide, and no others', async () => {
		const { services } = readConfiguration(exampleFile);
		for (const { bundleFile, node } of functions) {
			const file = join(dirname(bundleFile), 'services.json');
			if (/SessionServer|Authorizer/.test(node.id)) expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(services);
			else await expect(readFile(file)).rejects.toThrow(basename(file));
		}
	});
});
