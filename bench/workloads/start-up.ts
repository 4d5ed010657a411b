import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { demoServices } from '../../local/demo.ts';
import { bundleFunction, placeIssuers, placeServiceCatalog } from '../../local/lambda/bundle.ts';
import * as variables from '../../local/lambda/function-variables.ts';
import { type ContenderName, programs } from '../contenders/programs.ts';
import { withRequire } from '../contenders/with-require.ts';
import { figuresOf } from '../results/result.ts';
import { inRounds, type Measured } from '../statistics/rounds.ts';
import type { Benchmark } from './benchmark.ts';

const sizes = { small: { rounds: 3 }, full: { rounds: 15 } } as const;

/** Peers without a connection, which would be measured as well. */
const peers = [
	'connect-dynamodb',
	'get-item',
	'iron-session',
	'jose',
	'fast-jwt',
] as const satisfies readonly ContenderName[];

/** A process for each round loads a bundle, as an environment does before its first request. */
export const startUp: Benchmark = {
	what: 'a new process, from the import to the loaded handler',
	contenders: ['leasehold', ...peers],
	async run({ size, report }) {
		const { rounds } = sizes[size];
		// In this project, so that a bundle without the SDK finds it in node_modules.
		const folder = await mkdtemp(join(fileURLToPath(new URL('../', import.meta.url)), '.start-up-'));
		try {
			report('bundling');
			const bundles = await bundleAll(folder);
			const names = Object.keys(bundles);
			report('measuring');
			const measured = await inRounds(names, rounds, (name) => load(String(bundles[name])));
			return { settings: { rounds }, figures: figuresOf('import to ready', { processor: 'ms', time: 'ms' }, measured) };
		} finally {
			await rm(folder, { recursive: true });
		}
	},
};

/** Leaves every package where it is. */
const outside = (pattern: RegExp): Plugin => ({
	name: 'outside',
	setup(build) {
		build.onResolve({ filter: pattern }, ({ path }) => ({ path, external: true }));
	},
});

async function bundleAll(folder: string): Promise<Readonly<Record<string, string>>> {
	const sessionServer = fileURLToPath(new URL('../../functions/session-server/handler.ts', import.meta.url));
	const entries: [name: string, entry: string, plugins: readonly Plugin[]][] = [
		['leasehold', sessionServer, []],
		['leasehold-sdk-outside', sessionServer, [outside(/^@aws-sdk\//)]],
		['leasehold-packages-outside', sessionServer, [outside(/^[^./]/)]],
		...peers.map((name): [string, string, readonly Plugin[]] => [
			name,
			fileURLToPath(new URL(`../peers/${programs[name].file}.ts`, import.meta.url)),
			[withRequire],
		]),
	];
	const bundles: Record<string, string> = {};
	for (const [name, entry, plugins] of entries) {
		const outDir = join(folder, name);
		await placeServiceCatalog(outDir, demoServices);
		const { file } = await bundleFunction({ entry, outDir, plugins });
		placeIssuers(file, issuers);
		bundles[name] = file;
	}
	return bundles;
}

const nowhere = 'http://127.0.0.1:9';
const issuers = variables.localIssuers({ url: nowhere, audience: 'benchmark', jwksUri: `${nowhere}/jwks` });
const environment = variables.sessionServerEnvironment({ dynamodb: nowhere, lambda: nowhere }, issuers);

/** Loads a bundle in a new process, which reports its times without Node's own start. */
function load(file: string): Measured {
	const program = `
		const begun = performance.now();
		const before = process.cpuUsage();
		await import(${JSON.stringify(file)});
		const { user, system } = process.cpuUsage(before);
		process.stdout.write(JSON.stringify({ processor: (user + system) / 1000, time: performance.now() - begun }));
		process.exit(0);`;
	const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
		env: environment,
		encoding: 'utf8',
		cwd: tmpdir(),
	});
	if (status !== 0) throw new Error(`${file} could not be loaded: ${stderr}`);
	return JSON.parse(stdout) as Measured;
}
