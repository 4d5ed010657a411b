import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Listener } from '../system/listen.ts';
import { freePort } from '../system/port.ts';
import { pythonPackages } from '../system/python-packages.ts';
import { startServerProcess } from '../system/server-process.ts';

export type MiniStack =
	| ({ readonly kind: 'started' } & Listener)
	/** Python is missing or too old, or its packages could not be installed. */
	| { readonly kind: 'missing'; readonly reason: string };

/**
 * Runs MiniStack, a LocalStack-compatible endpoint that needs no Docker. Installs it into `.cache/`
 * first, if necessary. It listens on the loopback interface until it is closed or this process
 * ends, and keeps everything in memory.
 *
 * @throws `EADDRINUSE` if the port is taken; an error if MiniStack is installed but does not start
 */
export async function startMiniStack(options: {
	port?: number | undefined;
	environment: NodeJS.ProcessEnv;
}): Promise<MiniStack> {
	await freePort(options.port); // Reports a taken port before the user waits for an installation.
	const installed = await pythonPackages('ministack', requirements, pythons);
	if (installed.kind === 'missing') return installed;
	const server = await startServerProcess({
		name: 'ministack',
		port: options.port,
		command: ({ port, folder }) => {
			// MiniStack runs functions from CommonJS files in here. This project's package.json
			// would make them ES modules.
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
	return { kind: 'started', ...server };
}

/**
 * MiniStack's health answer repeats its edition's name. A unique name tells this process from
 * another MiniStack.
 */
const editionIn = (folder: string): string => `light, in ${basename(folder)}`;
const healthSchema = v.object({ edition: v.string() });

const requirements = fileURLToPath(new URL('./requirements.txt', import.meta.url));

/** The packages in `requirements.txt` need Python 3.10 or later. */
const pythons = { min: 10 };
