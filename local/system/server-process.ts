import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { startGuardian } from './guardian.ts';
import type { Listener } from './listen.ts';
import { freePort } from './port.ts';
import { makeRunFolder, removeRunFolder } from './run-folder.ts';

export interface ServerProgram {
	readonly name: string;
	/** The port to listen on. @default any free port */
	readonly port?: number | undefined;
	/**
	 * The command that runs the server on `port`. `folder` starts empty, belongs to it, and is
	 * removed at its end.
	 */
	command(place: { readonly port: number; readonly folder: string }): ServerCommand;
	/**
	 * Whether this very process answers at `url`; another process may have taken the port in the
	 * meantime. It is called again and again until it returns true. A rejection counts as false.
	 */
	isReady(url: string, folder: string): Promise<boolean>;
	/** Longer than the server takes to start on a busy machine. */
	readonly startMsMax: number;
}

interface ServerCommand {
	readonly file: string;
	readonly args: readonly string[];
	readonly environment: NodeJS.ProcessEnv;
	readonly cwd: string;
}

/**
 * Starts a server as a separate process. It ends, with every process that it has started, when it
 * is closed or when this process ends.
 *
 * @throws `EADDRINUSE` if the port is taken; an error with the server's last output if it ends or
 *   is not ready in time
 */
export async function startServerProcess(program: ServerProgram): Promise<Listener> {
	const port = await freePort(program.port);
	const url = `http://127.0.0.1:${port}`;
	const folder = await makeRunFolder(program.name);
	const guardian = startGuardian(folder);
	const { file, args, environment, cwd } = program.command({ port, folder });

	// In its own process group, so that its child processes end with it, and Ctrl-C does not reach
	// it directly.
	const child = spawn(file, args, { cwd, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	const group = child.pid === undefined ? undefined : -child.pid;
	if (group !== undefined) guardian.watch(group);
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text: string) => {
			output = (output + text).slice(-outputCharactersMax);
		});
	let ended = false;
	const end = once(child, 'close')
		.catch((error: Error) => {
			output += error.message;
		})
		.then(() => {
			ended = true;
		});

	async function close(): Promise<void> {
		if (!ended && group !== undefined) {
			signal(group, 'SIGTERM');
			await Promise.race([end, delay(closeMsMax, undefined, { ref: false })]);
		}
		await guardian.dismiss(); // The guardian kills what is left of the group.
		await removeRunFolder(folder);
	}

	const deadline = AbortSignal.timeout(program.startMsMax);
	while (!ended && !deadline.aborted) {
		if (await program.isReady(url, folder).catch(() => false)) return { url, close };
		await delay(pollMs);
	}
	const problem = ended ? 'ended at once' : `was not ready within ${program.startMsMax / 1_000} s`;
	await close();
	throw new Error(`${program.name} ${problem}${output === '' ? '' : `:\n${output.trim()}`}`);
}

const pollMs = 100;
/** Development servers have no data to save before they end. */
const closeMsMax = 3_000;
/** Enough for a stack trace. */
const outputCharactersMax = 4_000;

function signal(group: number, name: NodeJS.Signals): void {
	try {
		process.kill(group, name);
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
	}
}
