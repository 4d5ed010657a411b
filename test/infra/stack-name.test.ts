import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exampleFile } from './synthesized.ts';

const root = new URL('../..', import.meta.url).pathname;
const run = promisify(execFile);

test.each([
	['the name that the context gives', { 'leasehold:stackName': 'LeaseholdTrial-1' }, 'LeaseholdTrial-1'],
	['the name Leasehold by default', {}, 'Leasehold'],
	['the same name for an emulator, which has no TLS', { 'leasehold:emulator': 'true' }, 'Leasehold'],
])(
	'the app creates a stack with %s',
	async (_, context, name) => {
		const folder = await mkdtemp(join(tmpdir(), 'leasehold-stack-name-'));
		try {
			const given = { configuration: exampleFile, 'aws:cdk:bundling-stacks': [], ...context };
			const env = { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(given) };
			await run(process.execPath, ['infra/app.ts'], { cwd: root, env });
			const { artifacts } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
			const { displayName, properties } = artifacts.Leasehold;
			expect(properties.stackName ?? displayName ?? 'Leasehold').toBe(name);
		} finally {
			await rm(folder, { recursive: true });
		}
	},
	60_000,
);
