import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type CachedFolder, cachedFolder } from '../system/cached-folder.ts';
import { freePort } from '../system/free-port.ts';
import type { Listener } from '../system/listen.ts';
import { runCommand } from '../system/run-command.ts';
import { startServerProcess } from '../system/server-process.ts';

export type MiniStack =
	| ({ readonly outcome: 'started' } & Listener)
	/** Python is not there or too old, or the packages cannot be had. */
	| { readonly outcome: 'missing'; readonly reason: string };

/**
 * MiniStack, a LocalStack-compatible endpoint without Docker: installed into `.cache/` when it is not there yet, and then run on
 * the loopback interface until it is closed or this process is gone. It holds everything in memory.
 *
 * @throws `EADDRINUSE` where the port is taken, and where it is installed and does not start
 */
export async function startMiniStack(options: {
	port?: number | undefined;
	environment: NodeJS.ProcessEnv;
}): Promise<MiniStack> {
	await freePort(options.port); // Before anybody waits for it to be installed.
	const installed = await installMiniStack();
	if (installed.outcome === 'missing') return installed;
	const server = await startServerProcess({
		name: 'ministack',
		port: options.port,
		command: ({ port, folder }) => {
			// It starts functions from CommonJS files in here, which this project's package.json would make ES modules.
			writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'commonjs' }));
			return {
				file: join(installed.folder, 'bin', 'python'),
				args: ['-m', 'ministack'],
				environment: {
					...options.environment,
					BIND_HOST: '127.0.0.1',
					GATEWAY_PORT: String(port),
					LOG_LEVEL: 'WARNING',
					MINISTACK_EDITION: editionIn(folder),
					STATE_DIR: join(folder, 'state'),
					TMPDIR: folder,
				},
				cwd: folder,
			};
		},
		isReady: async (url, folder) => {
			const health: unknown = await (await fetch(`${url}/_ministack/health`)).json();
			return v.is(healthSchema, health) && health.edition === editionIn(folder);
		},
		startMsMax: 60_000,
	});
	return { outcome: 'started', ...server };
}

/** What its answer about its health is told apart by from that of another MiniStack: it repeats the name of its edition. */
const editionIn = (folder: string): string => `light, in ${basename(folder)}`;
const healthSchema = v.object({ edition: v.string() });

const requirements = fileURLToPath(new URL('./requirements.txt', import.meta.url));

/** What the packages of `ministack-requirements.txt` run on. */
const pythonMinorMin = 10;

/** A virtual environment for each set of packages and each Python: neither is changed in place. */
async function installMiniStack(): Promise<CachedFolder> {
	const asked = await runCommand('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], { limitMs: 30_000 });
	if (asked.outcome === 'failed') return { outcome: 'missing', reason: asked.reason };
	const [major = 0, minor = 0] = asked.stdout.trim().split(' ').map(Number);
	if (major !== 3 || minor < pythonMinorMin)
		return { outcome: 'missing', reason: `python3 is ${major}.${minor}, and 3.${pythonMinorMin} or later is needed` };

	const packages = createHash('sha256')
		.update(await readFile(requirements))
		.digest('hex')
		.slice(0, 12);
	return cachedFolder(`ministack/python-${major}.${minor}-${packages}`, async (folder) => {
		const steps: readonly (readonly [string, readonly string[]])[] = [
			['python3', ['-m', 'venv', folder]],
			[join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]],
		];
		for (const [command, args] of steps) {
			const step = await runCommand(command, args, { limitMs: 600_000 });
			if (step.outcome === 'failed') return step.reason;
		}
		return undefined;
	});
}
