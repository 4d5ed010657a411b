import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { startGuardian } from '../lambda/guardian.ts';
import { freePort } from './free-port.ts';
import type { Listener } from './listen.ts';
import { makeRunFolder, removeRunFolder } from './run-folder.ts';

export interface ServerProgram {
	readonly name: string;
	/** Port to serve on; any free one unless given. */
	readonly port?: number | undefined;
	/** How to run it on that port. `folder` is its own, empty, and removed when it has ended. */
	command(place: { readonly port: number; readonly folder: string }): ServerCommand;
	/**
	 * Asked again and again until it is true: whether this very process answers, since another one may have taken the port in
	 * between. That nobody answers yet is no.
	 */
	isReady(url: string, folder: string): Promise<boolean>;
	/** Longer than a start takes on a busy machine. */
	readonly startMsMax: number;
}

interface ServerCommand {
	readonly file: string;
	readonly args: readonly string[];
	readonly environment: NodeJS.ProcessEnv;
	readonly cwd: string;
}

/**
 * A server as a process of its own, which ends, with all that it started, when it is closed or when this process is gone.
 *
 * @throws `EADDRINUSE` where the port is taken; an error with the last lines that it wrote, where it ends or is not ready in time
 */
export async function startServerProcess(program: ServerProgram): Promise<Listener> {
	const port = await freePort(program.port);
	const url = `http://127.0.0.1:${port}`;
	const folder = await makeRunFolder(program.name);
	const guardian = startGuardian(folder);
	const { file, args, environment, cwd } = program.command({ port, folder });

	// A process group of its own: what the server starts ends with it, and Ctrl-C is not for it to see first.
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
			await Promise.race([end, delay(endMsMax, undefined, { ref: false })]);
		}
		await guardian.dismiss(); // Kills whatever of the group is left.
		await removeRunFolder(folder);
	}

	const deadline = AbortSignal.timeout(program.startMsMax);
	while (!ended && !deadline.aborted) {
		if (await program.isReady(url, folder).catch(() => false)) return { url, close };
		await delay(pollMs);
	}
	const what = ended ? 'ended at once' : `was not ready within ${program.startMsMax / 1_000} s`;
	await close();
	throw new Error(`${program.name} ${what}${output === '' ? '' : `:\n${output.trim()}`}`);
}

const pollMs = 100;
/** Servers for development have nothing to save. */
const endMsMax = 3_000;
/** Enough for a stack trace. */
const outputCharactersMax = 4_000;

function signal(group: number, name: NodeJS.Signals): void {
	try {
		process.kill(group, name);
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
	}
}
