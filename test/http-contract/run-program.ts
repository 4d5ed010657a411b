import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program to its end. Its output goes to stderr. Returns its exit status. */
export async function runProgram(
	file: string,
	args: readonly string[],
	{ cwd, environment = {} }: { readonly cwd: string; readonly environment?: NodeJS.ProcessEnv },
): Promise<number> {
	const child = spawn(file, args, {
		cwd,
		stdio: ['ignore', process.stderr, process.stderr],
		env: { ...process.env, ...environment },
	});
	const [status] = await once(child, 'close');
	return Number(status ?? 1);
}
