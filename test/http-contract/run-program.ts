import { spawn } from 'node:child_process';
import { once } from 'node:events';

interface RunOptions {
	readonly cwd: string;
	readonly environment: NodeJS.ProcessEnv;
	readonly signal: AbortSignal;
}

/**
 * Runs a program to its end. Its output goes to stderr. Returns its exit status.
 *
 * @throws if `signal` ends it
 */
export async function runProgram(
	file: string,
	args: readonly string[],
	{ cwd, environment, signal }: RunOptions,
): Promise<number> {
	const child = spawn(file, args, {
		cwd,
		stdio: ['ignore', process.stderr, process.stderr],
		env: { ...process.env, ...environment },
		signal,
	});
	const [status] = await once(child, 'close');
	return Number(status ?? 1);
}
